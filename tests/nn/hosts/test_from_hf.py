"""The weights of transformers' networks give the same numbers in our blocks, and are the same tensors."""

import pytest
import torch

from grounding.nn.hosts import from_hf
from grounding.nn.tokens import Tokens

transformers = pytest.importorskip("transformers")
VISION = dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4
)


def tiny(make, config):
    """A network with random weights large enough that answers differ."""
    torch.manual_seed(0)
    model = make(config).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


@torch.no_grad()
def test_a_vit_answers_as_theirs():
    theirs = tiny(transformers.ViTModel, transformers.ViTConfig(**VISION))
    ours, images = from_hf.vit_from_hf(theirs), torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(ours(images).x, theirs(images).last_hidden_state, atol=1e-5, rtol=1e-5)
    assert ours.blocks[1].attention.key.weight is theirs.layers[1].attention.k_proj.weight


@pytest.fixture(scope="module", params=[2, 58])
def clip(request):
    text = dict(
        hidden_size=12,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        vocab_size=59,
        max_position_embeddings=8,
        bos_token_id=57,
        eos_token_id=request.param,
        pad_token_id=0,
    )
    return tiny(
        transformers.CLIPModel, transformers.CLIPConfig(text_config=text, vision_config=VISION, projection_dim=8)
    )


@torch.no_grad()
def test_the_vision_and_text_layers_of_clip_answer_as_theirs(clip):
    images, ids = torch.randn(2, 3, 16, 16), torch.tensor([[57, 3, 4, 58, 0, 0], [57, 9, 8, 7, 6, 58]])
    vision, text = from_hf.clip_vision_from_hf(clip.vision_model), from_hf.clip_text_from_hf(clip.text_model)
    torch.testing.assert_close(vision(images).x[:, 0], clip.vision_model(images).pooler_output, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(text(ids), clip.text_model(ids).pooler_output, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_similarities_of_clip_are_theirs(clip):
    images, ids = torch.randn(3, 3, 16, 16), torch.tensor([[57, 3, 4, 58, 0, 0], [57, 9, 8, 7, 6, 58]])
    ours = from_hf.two_tower_from_hf(clip)
    expected = clip(input_ids=ids, pixel_values=images).logits_per_text
    torch.testing.assert_close(ours(images, ids), expected, atol=1e-5, rtol=1e-5)
    assert set(map(id, ours.parameters())) == set(map(id, clip.parameters()))


@torch.no_grad()
def test_the_encoder_layers_of_detr_answer_as_theirs_and_attend_to_no_padding():
    backbone = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1], out_features=["stage2"], layer_type="basic"
    )
    config = transformers.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=backbone,
        d_model=16,
        encoder_layers=2,
        decoder_layers=1,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=4,
    )
    theirs = tiny(transformers.DetrModel, config)
    features, positions = torch.randn(2, 9, 16), torch.randn(2, 9, 16)
    valid = torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
    expected = theirs.encoder(
        inputs_embeds=features, attention_mask=valid, spatial_position_embeddings=positions
    ).last_hidden_state
    ours = from_hf.detr_encoder_from_hf(theirs)(Tokens(features, valid, position=positions)).x
    torch.testing.assert_close(ours[0], expected[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours[1, :6], expected[1, :6], atol=1e-5, rtol=1e-5)


def test_an_activation_that_is_not_known_is_refused_in_a_sentence():
    theirs = tiny(transformers.ViTModel, transformers.ViTConfig(**VISION | {"hidden_act": "silu"}))
    with pytest.raises(ValueError, match="'silu' of this network is not known; one of gelu"):
        from_hf.vit_from_hf(theirs)
