"""Legacy names: maps the parameter names of weights saved before version 0.4 to the current names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CONFIG_FIELDS = {
    "side": "grid_size", "tints": "colour_channels", "text": "text_width", "text_depth": "text_layers", "wide": "feedforward_width",
    "encoders": "encoder_layers", "decoders": "decoder_layers", "narrow": "scorer_width", "rankers": "scorer_layers",
    "names": "num_classes", "pieces": "vocabulary_size", "longest": "max_pieces", "match": "association_width",
}  # fmt: skip
GROUNDER = {
    "levels": "level_projections", "zooms": "roi_projections", "place": "box_encoding", "kind": "token_type_embedding",
    "name": "name_projection", "sure": "score_projection", "rank": "relative_position_projection", "seeks": "relative_position_query",
    "tint": "colour_projection", "paints": "colour_query", "seen_norm": "visual_norm", "encoders": "encoder_layers",
    "word": "word_projection", "opening": "cls_embedding", "decoders": "decoder_layers", "heat.ask": "heatmap_head.phrase_projection",
    "heat.answer": "heatmap_head.cell_projection", "heat.bias": "heatmap_head.bias", "here": "existence_head", "draw": "box_head",
    "drawn": "regressed_box_projection", "choice.ask": "candidate_scorer.phrase_projection",
    "choice.offer": "candidate_scorer.candidate_projection", "choice.match": "candidate_scorer.phrase_gate",
    "choice.key": "candidate_scorer.candidate_key", "choice.hint": "candidate_scorer.match_projection",
    "choice.norm": "candidate_scorer.input_norm", "choice.last": "candidate_scorer.final_norm", "choice": "candidate_scorer",
    "names": "name_embeddings", "trust": "candidate_platt", "there": "existence_platt",
}  # fmt: skip
ASSOCIATION = {
    "enter": "appearance_projection", "unseen": "missing_embedding", "place": "box_encoding", "time": "time_score_mlp",
    "attend1": "self_attention", "think1": "self_feed_forward", "attend2": "cross_attention", "think2": "cross_feed_forward",
    "thing": "objectness_head", "row": "row_projection", "column": "column_projection", "step": "pair_mlp",
}  # fmt: skip
DECODER = {
    "whole": "box_projection", "cell": "cell_projection", "picture": "image_cell_projection", "place": "box_encoding",
    "kind": "token_type_embedding", "time": "time_mlp", "word": "word_embedding", "turn": "position_embedding",
    "seen_norm": "visual_norm", "said_norm": "text_norm", "last": "final_norm", "bias": "output_bias", "point": "box_head",
}  # fmt: skip
PARTS = {**GROUNDER, **{f"match.{old}": f"association.{new}" for old, new in ASSOCIATION.items()}, "match": "association",
         **{f"tell.{old}": f"decoder.{new}" for old, new in DECODER.items()}, "tell": "decoder"}  # fmt: skip
LAYERS = (
    (r"^(decoder_layers\.\d+)\.attend\.", r"\1.cross_attention."),
    (r"\.(attend|among)\.", ".self_attention."),
    (r"\.think\.", ".feed_forward."),
    (r"\.pair\.", ".kv_projection."),
    (r"\.mix\.", ".mlp."),
)


def current_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a saved configuration under their current names; current names stay."""
    return {CONFIG_FIELDS.get(name, name): value for name, value in config.items()}


def current_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors of a saved state_dict under their current names; current names stay."""
    return {current_key(key): value for key, value in state.items()}


def current_key(key: str) -> str:
    """"decoders.0.attend.pair.weight" -> "decoder_layers.0.cross_attention.kv_projection.weight"."""
    old = max((old for old in PARTS if key == old or key.startswith(old + ".")), key=len, default=None)
    renamed = key if old is None else PARTS[old] + key[len(old):]
    for pattern, new in LAYERS:
        renamed = re.sub(pattern, new, renamed)
    return renamed
