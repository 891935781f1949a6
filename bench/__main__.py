"""`python -m bench`: all measurements, as tables."""

from bench.transport import main

if __name__ == "__main__":
    main()
