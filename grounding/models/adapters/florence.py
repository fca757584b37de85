"""Florence-2: one network that writes where things are, as words with places between them (through transformers)."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source, SourceError

GROUND, DETECT = "<CAPTION_TO_PHRASE_GROUNDING>", "<OD>"
BINS = 1000  # places are counted in thousandths of the width and of the height
MOST_TOKENS = {GROUND: 128, DETECT: 512}
PLACE = re.compile(r"<loc_(\d+)>")
LEAST = 0.0  # what it writes it means; its certainty is not calibrated


@dataclass(frozen=True)
class Seen:
    """A picture before any phrase: `features` (1, N, D), what the language half reads in front of the words."""

    size: Size
    features: Any


@dataclass(frozen=True)
class Written:
    """One place in a written answer: the words before it, x0 y0 x1 y1 in bins, and the certainty of its four tokens in [0, 1]."""

    words: str
    bins: tuple[int, int, int, int]
    score: float


class Florence:
    """Florence-2 (Xiao et al. 2023) in the native form of transformers (florence-community/...). The picture is seen once; each phrase is
    a text written word by word, without beams. It is a detector too. A score is the geometric mean chance of a box's four place tokens."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        loaded = load(source, "florence", "Florence2ForConditionalGeneration", types=("florence2",), least=LEAST)
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._least, self._lock = loaded.least, threading.Lock()
        if any(f"<loc_{place}>" not in self._processor.tokenizer.get_vocab() for place in (0, BINS - 1)):
            raise SourceError(
                f"the tokenizer of {source.model} has no words for places (<loc_0> to <loc_{BINS - 1}>); download the "
                "whole model again"
            )

    def encode(self, image: Image) -> Seen:
        """One pass of the vision half."""
        inputs = self._processor.image_processor(images=[answers.pixels(image)], return_tensors="pt", input_data_format="channels_last")
        with self.compute.computing():
            features = self._model.model.get_image_features(self.compute.moved(inputs["pixel_values"])).pooler_output
        return Seen(image.size, features)

    def ground_in(self, encoded: Seen, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases. Of a phrase with several nouns ("woman in a red coat") the first thing it
        finds counts, which is what the phrase is about."""
        return answers.each(lambda phrase: self._ask(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def detect(self, image: Image) -> Regions:
        """Everything it names by itself, best first."""
        seen = self.encode(image)
        found = self._write(seen, DETECT, self._processor.task_prompts_without_inputs[DETECT])
        corners = [_pixels(place.bins, image.size) for place in found]
        return answers.regions(corners, [place.score for place in found], [place.words for place in found], image.size, self._least)

    def _ask(self, encoded: Seen, phrase: str) -> Regions:
        found = self._write(encoded, GROUND, self._processor.task_prompts_with_input[GROUND].format(input=phrase.strip()))
        first = [place for place in found if place.words == found[0].words]
        corners = [_pixels(place.bins, encoded.size) for place in first]
        return answers.pointed(corners, [place.score for place in first], phrase, encoded.size, self._least)

    def _write(self, encoded: Seen, task: str, prompt: str) -> list[Written]:
        """What it writes to a prompt, read as places."""
        with self.compute.computing():
            told, whole = self._told(encoded, prompt)
            written = self._model.generate(encoder_outputs=told, attention_mask=whole, max_new_tokens=MOST_TOKENS[task], num_beams=1,
                                           do_sample=False, early_stopping=False, return_dict_in_generate=True, output_scores=True)
            logits = tuple(step.float() for step in written.scores)
            chances = self._model.compute_transition_scores(written.sequences, logits, normalize_logits=True)[0].exp()
        tokenizer = self._processor.tokenizer
        tokens = tokenizer.convert_ids_to_tokens(written.sequences[0, -len(chances):].tolist())
        silent = {token for token in tokenizer.all_special_tokens if not PLACE.fullmatch(token)}
        return read([_piece(tokenizer, token) if token not in silent else "" for token in tokens], chances.tolist())

    def _told(self, encoded: Seen, prompt: str) -> tuple[Any, Any]:
        """Picture and prompt as the writing half reads them, and the mask that shows it all of them."""
        import torch

        tokenizer = self._processor.tokenizer
        with self._lock:  # tokenizers keep a state while they cut a text short
            ids = tokenizer([tokenizer.bos_token + prompt + tokenizer.eos_token], return_tensors="pt", add_special_tokens=False)["input_ids"]
        words = self._model.get_input_embeddings()(self.compute.moved(ids))  # (1, L, D)
        both = torch.cat([encoded.features.to(words.dtype), words], 1)  # (1, N + L, D)
        whole = torch.ones(both.shape[:2], dtype=torch.long, device=both.device)
        return self._model.model.language_model.encoder(inputs_embeds=both, attention_mask=whole), whole


def _piece(tokenizer: Any, token: str) -> str:
    """A place as it is written, or the letters of a token."""
    return token if PLACE.fullmatch(token) else tokenizer.convert_tokens_to_string([token])


def read(pieces: Sequence[str], chances: Sequence[float]) -> list[Written]:
    """Places of a written answer: words, then four places a box, more boxes of the same words right behind. Half a box is none."""
    found: list[Written] = []
    words, after = "", False  # after: places came since the words, so the next word begins others
    bins: list[int] = []
    sure: list[float] = []
    for piece, chance in zip(pieces, chances):
        place = PLACE.fullmatch(piece)
        if place is None:
            words, after = (piece, False) if piece.strip() and after else (words + piece, after)
            bins, sure = [], []
            continue
        after = True
        bins, sure = [*bins, int(place[1])], [*sure, chance]
        if len(bins) == 4:
            found.append(Written(words.strip(), (bins[0], bins[1], bins[2], bins[3]), math.prod(sure) ** 0.25))
            bins, sure = [], []
    return found


def _pixels(bins: Sequence[int], size: Size) -> list[float]:
    """The middle of each bin, in pixels."""
    return [(place + 0.5) / BINS * edge for place, edge in zip(bins, (*size, *size))]
