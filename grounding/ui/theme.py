"""Theme: the colours, type and spacing of the page, in light and dark."""

from __future__ import annotations

from gradio.themes import Base
from gradio.themes.utils import colors, fonts, sizes

ACCENT = colors.Color(
    name="deixis", c50="#eefbf8", c100="#d3f4ed", c200="#aae8dc", c300="#74d5c6", c400="#3fbbab",
    c500="#1f9f90", c600="#12806f", c700="#11665b", c800="#12514a", c900="#13433e", c950="#052724",
)  # fmt: skip
NEUTRAL = colors.Color(
    name="ink", c50="#f7f8f8", c100="#eff1f1", c200="#e0e4e4", c300="#c7cdce", c400="#98a2a4",
    c500="#6c777a", c600="#515b5e", c700="#3c4548", c800="#242b2d", c900="#181d1f", c950="#111517",
)  # fmt: skip


def theme() -> Base:
    """The theme, built from fonts that Gradio ships: nothing is fetched from anywhere.

    Weights 400 and 700 only: the 600 that Gradio bundles lacks the Latin letters.
    """
    base = Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=NEUTRAL,
        spacing_size=sizes.spacing_sm,
        radius_size=sizes.radius_sm,
        text_size=sizes.text_sm,
        font=(fonts.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"),
        font_mono=(fonts.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"),
    )
    return base.set(**_surfaces(), **_controls())


def _surfaces() -> dict[str, str]:
    """What things stand on: the page, the blocks, their borders."""
    return {
        "body_background_fill": "*neutral_50",
        "body_background_fill_dark": "*neutral_950",
        "background_fill_primary": "white",
        "background_fill_primary_dark": "*neutral_900",
        "background_fill_secondary": "*neutral_50",
        "background_fill_secondary_dark": "*neutral_950",
        "border_color_primary": "*neutral_200",
        "border_color_primary_dark": "*neutral_800",
        "block_background_fill": "white",
        "block_background_fill_dark": "*neutral_900",
        "block_border_width": "1px",
        "block_shadow": "none",
        "block_title_text_weight": "600",
        "block_title_text_color": "*neutral_600",
        "block_title_text_color_dark": "*neutral_300",
        "block_label_text_color": "*neutral_600",
        "block_label_text_color_dark": "*neutral_300",
        "block_info_text_color": "*neutral_500",
        "block_info_text_color_dark": "*neutral_400",
        "body_text_color": "*neutral_800",
        "body_text_color_dark": "*neutral_100",
        "body_text_color_subdued": "*neutral_500",
        "body_text_color_subdued_dark": "*neutral_400",
        "link_text_color": "*primary_600",
        "link_text_color_dark": "*primary_300",
    }


def _controls() -> dict[str, str]:
    """What a person presses, ticks and fills in."""
    return {
        "input_background_fill": "white",
        "input_background_fill_dark": "*neutral_950",
        "input_border_color": "*neutral_300",
        "input_border_color_dark": "*neutral_700",
        "input_border_color_focus": "*primary_500",
        "input_border_color_focus_dark": "*primary_400",
        "input_shadow": "none",
        "input_shadow_focus": "0 0 0 3px color-mix(in srgb, var(--primary-500) 22%, transparent)",
        "button_primary_background_fill": "*primary_600",
        "button_primary_background_fill_hover": "*primary_700",
        "button_primary_background_fill_dark": "*primary_600",
        "button_primary_background_fill_hover_dark": "*primary_500",
        "button_primary_text_color": "white",
        "button_primary_text_color_dark": "white",
        "button_secondary_background_fill": "white",
        "button_secondary_background_fill_hover": "*neutral_100",
        "button_secondary_background_fill_dark": "*neutral_800",
        "button_secondary_background_fill_hover_dark": "*neutral_700",
        "button_secondary_border_color": "*neutral_300",
        "button_secondary_border_color_dark": "*neutral_700",
        "button_border_width": "1px",
        "button_primary_shadow": "none",
        "button_secondary_shadow": "none",
        "button_transition": "background-color 80ms ease",
        "checkbox_background_color_selected": "*primary_600",
        "checkbox_background_color_selected_dark": "*primary_600",
        "checkbox_border_color_selected": "*primary_600",
        "checkbox_border_color_selected_dark": "*primary_500",
        "checkbox_label_background_fill_selected": "*primary_50",
        "checkbox_label_background_fill_selected_dark": "*primary_950",
        "checkbox_label_border_color_selected": "*primary_500",
        "checkbox_label_border_color_selected_dark": "*primary_700",
    }
