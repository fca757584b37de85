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
from grounding.models.adapters.loading import load_model
from grounding.models.adapters.source import ModelSource, ModelSourceError

GROUNDING_TASK, DETECTION_TASK = "<CAPTION_TO_PHRASE_GROUNDING>", "<OD>"
LOCATION_BINS = 1000  # places are counted in thousandths of the width and of the height
MAX_NEW_TOKENS = {GROUNDING_TASK: 128, DETECTION_TASK: 512}
LOCATION_TOKEN = re.compile(r"<loc_(\d+)>")
MIN_SCORE = 0.0  # what it writes it means; its certainty is not calibrated


@dataclass(frozen=True)
class EncodedImage:
    """A picture before any phrase: `features` (1, N, D), what the language half reads in front of the words."""

    size: Size
    features: Any


@dataclass(frozen=True)
class DecodedBox:
    """One place in a written answer: the words before it, x0 y0 x1 y1 in bins, and the certainty of its four tokens in [0, 1]."""

    text: str
    bins: tuple[int, int, int, int]
    score: float


class Florence:
    """Florence-2 (Xiao et al. 2023) in the native form of transformers (florence-community/...). The picture is seen once; each phrase is
    a text written word by word, without beams. It is a detector too. A score is the geometric mean chance of a box's four place tokens."""

    proposal_threshold = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: ModelSource):
        loaded = load_model(source, "florence", "Florence2ForConditionalGeneration", model_types=("florence2",), min_score=MIN_SCORE)
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._min_score, self._tokenizer_lock = loaded.min_score, threading.Lock()
        if any(f"<loc_{place}>" not in self._processor.tokenizer.get_vocab() for place in (0, LOCATION_BINS - 1)):
            raise ModelSourceError(
                f"the tokenizer of {source.model} has no words for places (<loc_0> to <loc_{LOCATION_BINS - 1}>); download the "
                "whole model again"
            )

    def encode(self, image: Image) -> EncodedImage:
        """One pass of the vision half."""
        inputs = self._processor.image_processor(
            images=[answers.copy_pixels(image)], return_tensors="pt", input_data_format="channels_last"
        )
        with self.compute.inference():
            features = self._model.model.get_image_features(self.compute.to_device(inputs["pixel_values"])).pooler_output
        return EncodedImage(image.size, features)

    def ground_in(self, encoded: EncodedImage, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases. Of a phrase with several nouns ("woman in a red coat") the first thing it
        finds counts, which is what the phrase is about."""
        return answers.ground_each(lambda phrase: self._ground_phrase(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def detect(self, image: Image) -> Regions:
        """Everything it names by itself, best first."""
        encoded = self.encode(image)
        found = self._generate(encoded, DETECTION_TASK, self._processor.task_prompts_without_inputs[DETECTION_TASK])
        corners = [_bins_to_pixels(place.bins, image.size) for place in found]
        return answers.to_regions(corners, [place.score for place in found], [place.text for place in found], image.size, self._min_score)

    def _ground_phrase(self, encoded: EncodedImage, phrase: str) -> Regions:
        found = self._generate(
            encoded, GROUNDING_TASK, self._processor.task_prompts_with_input[GROUNDING_TASK].format(input=phrase.strip())
        )
        first = [place for place in found if place.text == found[0].text]
        corners = [_bins_to_pixels(place.bins, encoded.size) for place in first]
        return answers.phrase_regions(corners, [place.score for place in first], phrase, encoded.size, self._min_score)

    def _generate(self, encoded: EncodedImage, task: str, prompt: str) -> list[DecodedBox]:
        """What it writes to a prompt, read as places."""
        with self.compute.inference():
            encoder_outputs, mask = self._encode_prompt(encoded, prompt)
            generated = self._model.generate(
                encoder_outputs=encoder_outputs,
                attention_mask=mask,
                max_new_tokens=MAX_NEW_TOKENS[task],
                num_beams=1,
                do_sample=False,
                early_stopping=False,
                return_dict_in_generate=True,
                output_scores=True,
            )
            logits = tuple(step.float() for step in generated.scores)
            probabilities = self._model.compute_transition_scores(generated.sequences, logits, normalize_logits=True)[0].exp()
        tokenizer = self._processor.tokenizer
        tokens = tokenizer.convert_ids_to_tokens(generated.sequences[0, -len(probabilities):].tolist())
        ignored = {token for token in tokenizer.all_special_tokens if not LOCATION_TOKEN.fullmatch(token)}
        return parse_boxes([_token_text(tokenizer, token) if token not in ignored else "" for token in tokens], probabilities.tolist())

    def _encode_prompt(self, encoded: EncodedImage, prompt: str) -> tuple[Any, Any]:
        """Picture and prompt as the writing half reads them, and the mask that shows it all of them."""
        import torch

        tokenizer = self._processor.tokenizer
        with self._tokenizer_lock:  # tokenizers keep a state while they cut a text short
            text = tokenizer.bos_token + prompt + tokenizer.eos_token
            ids = tokenizer([text], return_tensors="pt", add_special_tokens=False)["input_ids"]
        words = self._model.get_input_embeddings()(self.compute.to_device(ids))  # (1, L, D)
        embeddings = torch.cat([encoded.features.to(words.dtype), words], 1)  # (1, N + L, D)
        mask = torch.ones(embeddings.shape[:2], dtype=torch.long, device=embeddings.device)
        return self._model.model.language_model.encoder(inputs_embeds=embeddings, attention_mask=mask), mask


def _token_text(tokenizer: Any, token: str) -> str:
    """A place as it is written, or the letters of a token."""
    return token if LOCATION_TOKEN.fullmatch(token) else tokenizer.convert_tokens_to_string([token])


def parse_boxes(pieces: Sequence[str], probabilities: Sequence[float]) -> list[DecodedBox]:
    """Places of a written answer: words, then four places a box, more boxes of the same words right behind. Half a box is none."""
    found: list[DecodedBox] = []
    words, boxes_begun = "", False  # after: places came since the words, so the next word begins others
    bins: list[int] = []
    bin_probabilities: list[float] = []
    for piece, chance in zip(pieces, probabilities):
        place = LOCATION_TOKEN.fullmatch(piece)
        if place is None:
            words, boxes_begun = (piece, False) if piece.strip() and boxes_begun else (words + piece, boxes_begun)
            bins, bin_probabilities = [], []
            continue
        boxes_begun = True
        bins, bin_probabilities = [*bins, int(place[1])], [*bin_probabilities, chance]
        if len(bins) == 4:
            found.append(DecodedBox(words.strip(), (bins[0], bins[1], bins[2], bins[3]), math.prod(bin_probabilities) ** 0.25))
            bins, bin_probabilities = [], []
    return found


def _bins_to_pixels(bins: Sequence[int], size: Size) -> list[float]:
    """The middle of each bin, in pixels."""
    return [(place + 0.5) / LOCATION_BINS * edge for place, edge in zip(bins, (*size, *size))]
