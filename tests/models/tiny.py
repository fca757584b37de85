"""Tiny networks of third-party families with random weights, saved as real folders: every line of an adapter runs,
nothing is downloaded."""

import functools
import tempfile
from pathlib import Path

import torch

ROOM = tempfile.TemporaryDirectory(prefix="deixis-tiny-")
WORDS = "the a dog cat left right red of and person in on ball man woman coat".split()
SWIN = dict(embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1], window_size=3, out_indices=[2, 3, 4])
BERT = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=1040, max_position_embeddings=64)


def saved(make):
    """The folder that `make(folder)` writes, written once."""
    @functools.cache
    def folder() -> Path:
        path = Path(ROOM.name) / make.__name__
        path.mkdir()
        torch.manual_seed(0)
        make(path)
        return path
    return folder


def randomize_weights(model) -> None:
    """Larger random weights, so that the outputs for different inputs differ."""
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.5)


def bert_tokenizer():
    """Grounding DINO hard-codes BERT's ids of [CLS], [SEP], "." and "?", so the small vocabulary keeps these ids."""
    from transformers import BertTokenizerFast

    vocab = {f"[unused{n}]": n for n in range(1040)}
    ids = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103, ".": 1012, "?": 1029} | {
        w: 500 + n for n, w in enumerate(WORDS)
    }
    words_by_id = {number: word for word, number in ids.items()}
    vocab = {words_by_id.get(number, word): number for word, number in vocab.items()}
    return BertTokenizerFast(vocab=vocab, do_lower_case=True)


def clip_tokenizer():
    from transformers import CLIPTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["<|pad|>", *letters, *[f"{letter}</w>" for letter in letters], "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizerFast(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[])


@saved
def grounding_dino(folder):
    from transformers import (
        BertConfig,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
        SwinConfig,
    )

    config = GroundingDinoConfig(
        backbone_config=SwinConfig(**SWIN),
        text_config=BertConfig(**BERT),
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=12,
        max_text_len=32,
    )
    model = GroundingDinoForObjectDetection(config)
    for head in (model.bbox_embed[0], model.model.encoder_output_bbox_embed):
        torch.nn.init.normal_(head.layers[-1].weight, std=2.0)  # so that boxes differ and are not centred
    model.save_pretrained(folder)
    processor = GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    GroundingDinoProcessor(processor, bert_tokenizer()).save_pretrained(folder)


def _owl(folder, model, config, processor, image_processor, layers=1):
    text = dict(
        vocab_size=60,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=16,
        pad_token_id=0,
        bos_token_id=53,
        eos_token_id=54,
    )
    vision = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=64, patch_size=16)
    net = model(config(text_config=text, vision_config=vision, projection_dim=16))
    torch.nn.init.normal_(net.box_head.dense2.weight, std=1.0)
    net.save_pretrained(folder)
    processor(image_processor(size={"height": 64, "width": 64}), clip_tokenizer()).save_pretrained(folder)


@saved
def owlvit(folder):
    from transformers import OwlViTConfig, OwlViTForObjectDetection, OwlViTImageProcessor, OwlViTProcessor

    _owl(folder, OwlViTForObjectDetection, OwlViTConfig, OwlViTProcessor, OwlViTImageProcessor)


@saved
def owlv2(folder):
    from transformers import Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor, Owlv2Processor

    _owl(folder, Owlv2ForObjectDetection, Owlv2Config, Owlv2Processor, Owlv2ImageProcessor)


@saved
def florence(folder):
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from transformers import (
        BartConfig,
        CLIPImageProcessor,
        Florence2Config,
        Florence2ForConditionalGeneration,
        Florence2Processor,
        PreTrainedTokenizerFast,
    )

    words = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        *WORDS,
        "Locate",
        "phrases",
        "caption",
        "objects",
        "with",
        "category",
        "name",
        "image",
        ":",
        ".",
    ]
    core = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    core.add_tokens([AddedToken(f"<loc_{n}>", normalized=False) for n in range(1000)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
                                        extra_special_tokens={"image_token": "<image>"})
    text = BartConfig(vocab_size=len(tokenizer), d_model=16, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=16, decoder_ffn_dim=16,
                      encoder_attention_heads=2, decoder_attention_heads=2, max_position_embeddings=640, bos_token_id=0, pad_token_id=1,
                      eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2, tie_word_embeddings=False)
    vision = dict(
        depths=(1, 1, 1, 1), embed_dim=(8, 8, 8, 16), num_heads=(1, 1, 1, 2), num_groups=(1, 1, 1, 2), window_size=2, projection_dim=16
    )
    config = Florence2Config(vision_config=vision, text_config=text.to_dict(), image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
                             tie_word_embeddings=False)
    model = Florence2ForConditionalGeneration(config)
    memorize_tokens(model, tokenizer.convert_tokens_to_ids([*FLORENCE_WRITES, "</s>"]))
    model.save_pretrained(folder)
    images = CLIPImageProcessor(size={"height": 64, "width": 64}, crop_size={"height": 64, "width": 64}, do_center_crop=False)
    images.image_seq_length = 5  # 2 x 2 cells and their mean
    Florence2Processor(images, tokenizer, post_processor_config={"phrase_grounding": {}, "description_with_bboxes": {}}).save_pretrained(
        folder
    )


FLORENCE_WRITES = ("dog", "<loc_100>", "<loc_200>", "<loc_500>", "<loc_600>", "cat", "<loc_0>", "<loc_0>", "<loc_999>", "<loc_499>")


def memorize_tokens(model, tokens: list[int]) -> None:
    """Makes the network output these tokens for any image: its decoder depends on the position only."""
    decoder, width = model.model.language_model.decoder, model.config.text_config.d_model
    for name, weight in decoder.named_parameters():
        torch.nn.init.zeros_(weight) if "layer_norm" not in name and "layernorm" not in name else None
    centred = torch.linalg.qr(torch.cat([torch.ones(width, 1), torch.randn(width, width - 1)], 1)).Q[:, 1:].T * width**0.5  # rows of mean 0
    with torch.no_grad():
        decoder.embed_positions.weight[2: 2 + len(tokens)] = centred[: len(tokens)]
        model.lm_head.weight.zero_()
        for position, token in enumerate(tokens):
            model.lm_head.weight[token] += centred[position]


NAMES = {0: "person", 1: "N/A", 2: "sofa", 3: "dog"}


@saved
def detr(folder):
    from transformers import DetrConfig, DetrForObjectDetection, DetrImageProcessor, ResNetConfig

    backbone = ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage4"])
    config = DetrConfig(
        backbone_config=backbone,
        use_timm_backbone=False,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=12,
        id2label=NAMES,
    )
    model = DetrForObjectDetection(config)
    randomize_weights(model)
    model.save_pretrained(folder)
    DetrImageProcessor(size={"shortest_edge": 64, "longest_edge": 96}).save_pretrained(folder)


def _rt(folder, model, config, image_processor, backbone, **settings):
    net = model(
        config(
            backbone_config=backbone,
            d_model=16,
            encoder_hidden_dim=16,
            encoder_in_channels=[8, 8, 8],
            encoder_ffn_dim=16,
            encoder_attention_heads=2,
            decoder_in_channels=[16, 16, 16],
            decoder_ffn_dim=16,
            decoder_attention_heads=2,
            decoder_layers=2,
            num_queries=12,
            num_denoising=0,
            id2label=NAMES,
            **settings,
        )
    )
    net.save_pretrained(folder)
    image_processor(size={"height": 64, "width": 64}).save_pretrained(folder)


@saved
def rt_detr(folder):
    from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrImageProcessor, RTDetrResNetConfig

    backbone = RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage2", "stage3", "stage4"]
    )
    _rt(folder, RTDetrForObjectDetection, RTDetrConfig, RTDetrImageProcessor, backbone)


@saved
def d_fine(folder):
    from transformers import DFineConfig, DFineForObjectDetection, HGNetV2Config, RTDetrImageProcessor

    backbone = HGNetV2Config(
        stem_channels=[3, 8, 8],
        stage_in_channels=[8, 8, 8, 8],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[8, 8, 8, 8],
        stage_num_blocks=[1, 1, 1, 1],
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        embedding_size=8,
        out_features=["stage2", "stage3", "stage4"],
    )
    _rt(folder, DFineForObjectDetection, DFineConfig, RTDetrImageProcessor, backbone)


@saved
def omdet(folder):
    from transformers import (
        CLIPTextConfig,
        DetrImageProcessor,
        OmDetTurboConfig,
        OmDetTurboForObjectDetection,
        OmDetTurboProcessor,
        SwinConfig,
    )

    text = CLIPTextConfig(
        vocab_size=60,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=16,
        pad_token_id=0,
        bos_token_id=53,
        eos_token_id=54,
    )
    config = OmDetTurboConfig(
        backbone_config=SwinConfig(**(SWIN | {"image_size": 64})),
        text_config=text,
        use_timm_backbone=False,
        apply_layernorm_after_vision_backbone=False,
        image_size=64,
        encoder_hidden_dim=32,
        decoder_hidden_dim=32,
        vision_features_channels=[32, 32, 32],
        encoder_in_channels=[16, 32, 64],
        num_queries=12,
        encoder_attention_heads=2,
        encoder_dim_feedforward=16,
        class_embed_dim=16,
        text_projection_in_dim=16,
        text_projection_out_dim=16,
        task_encoder_hidden_dim=16,
        decoder_num_heads=2,
        decoder_num_layers=1,
        decoder_dim_feedforward=16,
    )
    OmDetTurboForObjectDetection(config).save_pretrained(folder)
    OmDetTurboProcessor(DetrImageProcessor(size={"height": 64, "width": 64}, do_pad=False), clip_tokenizer()).save_pretrained(folder)
