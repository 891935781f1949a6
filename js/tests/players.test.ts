import { afterEach, beforeEach, expect, test } from "vitest";
import { Players } from "../src/players";
import { FakeTime } from "./support/fake_time";

const options = { autoplay: false, loop: false };

let time: FakeTime;
let controller: AbortController;
let players: Players;

beforeEach(() => {
  time = new FakeTime();
  controller = new AbortController();
  players = new Players(time, controller.signal);
});

afterEach(() => controller.abort());

test("a parked player is taken over for its own file only, and by one view", () => {
  const parked = players.take("blob:one", options);
  players.park(parked);
  expect(players.take("blob:two", options)).not.toBe(parked);
  expect(players.take("blob:one", options)).toBe(parked);
  expect(players.take("blob:one", options)).not.toBe(parked);
});

test("a player that was taken over in time is not freed", () => {
  const player = players.take("blob:one", options);
  players.park(player);
  time.advance(1999);
  players.take("blob:one", options);
  time.advance(2000);
  expect(player.video.hasAttribute("src")).toBe(true);
});

test("a player cannot be parked once it is freed", () => {
  const player = players.take("blob:one", options);
  players.release(player);
  players.park(player);
  expect(players.take("blob:one", options)).not.toBe(player);
});

test("when the model goes, every player is freed, parked or not", () => {
  const [shown, parked] = [players.take("blob:one", options), players.take("blob:two", options)];
  players.park(parked);
  controller.abort();
  expect([shown, parked].map(({ video }) => video.hasAttribute("src"))).toEqual([false, false]);
});
