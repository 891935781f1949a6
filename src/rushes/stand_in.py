"""A second output behind the card, for the two renderers that leave the card's own HTML out: JupyterLab shows a trusted
notebook whose kernel has ended as "Error displaying widget: model not found", whatever stands beside the view; and the
page that nbconvert makes of a notebook with its widgets' state, as every headless run saves it, shows nothing without a
network.

It is hidden everywhere but where its style sheet is let in and its output area shows no card, neither live nor static.
There it takes the place of the error. Renderers that do not trust a notebook drop the style sheet.

A page may have this before it has drawn the card: so long it neither shows nor takes up room.
"""

from __future__ import annotations

#: What the HTML beside the view begins with.
STATIC_BEGINNING = '<div class="rushes-static">'

# .lm-mod-hidden: a widget that was closed
_CARD = ":has(.rushes,.rushes-static,.lm-mod-hidden)"
_STYLE = (
    f".jp-OutputArea{_CARD} .jp-OutputArea-child:has(.rushes-kept){{display:none}}"
    f".jp-OutputArea:not({_CARD}) .rushes-kept{{display:block!important}}"
    f".jp-OutputArea:not({_CARD}) .jp-OutputArea-child:has(.rushes-kept){{animation:rushes-kept 1s step-end}}"
    "@keyframes rushes-kept{0%{position:absolute;visibility:hidden}}"
    f".jp-OutputArea:has(.rushes-kept):not({_CARD}) .jp-OutputArea-child:has(>.jupyter-widgets){{display:none}}"
)


def stand_in_html(static_html: str) -> str:
    """The second output; says what the HTML beside the view says."""
    content = static_html.removeprefix(STATIC_BEGINNING)
    # JupyterLab removes an empty attribute from what it does not trust.
    return f'<style>{_STYLE}</style><div class="rushes-kept" hidden="hidden">{content}'
