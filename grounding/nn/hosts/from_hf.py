"""Networks of transformers as our hosts: their weights, our blocks.

The modules themselves are taken over, not copied: what is trained here is trained there, and no memory is spent twice.
Our own attention runs them, so tokens can be merged and every site exists. Dropout is left out: such a network is
frozen, or is trained without it.
"""

from __future__ import annotations

from torch import nn

from grounding.nn.hosts.two_tower import TextEncoder, TwoTower
from grounding.nn.hosts.vit import MLP, Attention, Block, Encoder, PatchEmbedding, PostNormBlock, QuickGELU, ViT
from grounding.nn.tokens import FirstToken

ACTIVATIONS = {"gelu": nn.GELU, "quick_gelu": QuickGELU, "relu": nn.ReLU}  # by the name in their configuration


def vit_from_hf(model: nn.Module) -> ViT:
    """Of a ViTModel, without its pooler."""
    embedding, config = model.embeddings, model.config
    patches = PatchEmbedding(
        embedding.patch_embeddings.projection, embedding.cls_token, embedding.position_embeddings, nn.Identity()
    )
    return ViT(
        patches,
        [_vit_block(layer, config.num_attention_heads, config.hidden_act) for layer in model.layers],
        model.layernorm,
    )


def clip_vision_from_hf(model: nn.Module) -> ViT:
    """Of the vision_model of a CLIPModel. Every token is normalised by the last norm, not the class token alone as
    there."""
    embedding = model.embeddings
    patches = PatchEmbedding(
        embedding.patch_embedding, embedding.class_embedding, embedding.position_embedding.weight, model.pre_layrnorm
    )
    return ViT(patches, _clip_blocks(model, causal=False), model.post_layernorm)


def clip_text_from_hf(model: nn.Module) -> TextEncoder:
    """Of the text_model of a CLIPModel."""
    embedding, end = model.embeddings, model.config.eos_token_id
    end = (
        model.config.vocab_size - 1 if end == 2 else end
    )  # older configurations say 2; the id that ends a text is the highest
    return TextEncoder(
        embedding.token_embedding,
        embedding.position_embedding,
        _clip_blocks(model, causal=True),
        model.final_layer_norm,
        end,
    )


def two_tower_from_hf(model: nn.Module) -> TwoTower:
    """Of a CLIPModel."""
    image_tower = nn.Sequential(clip_vision_from_hf(model.vision_model), FirstToken())
    return TwoTower(
        image_tower,
        clip_text_from_hf(model.text_model),
        model.visual_projection,
        model.text_projection,
        model.logit_scale,
    )


def detr_encoder_from_hf(model: nn.Module) -> Encoder:
    """Of the encoder of a DetrModel: `Tokens` of the feature map with their positions; size 0 where the image is
    padding."""
    config = model.config
    blocks = [
        _detr_block(layer, config.encoder_attention_heads, config.activation_function) for layer in model.encoder.layers
    ]
    return Encoder(blocks, nn.Identity())


def _vit_block(layer: nn.Module, heads: int, activation: str) -> Block:
    theirs = layer.attention
    attention = Attention(theirs.q_proj, theirs.k_proj, theirs.v_proj, theirs.o_proj, heads)
    return Block(attention, _mlp(layer.mlp, activation), layer.layernorm_before, layer.layernorm_after)


def _clip_blocks(model: nn.Module, causal: bool) -> list[Block]:
    return [
        _clip_block(layer, model.config.num_attention_heads, model.config.hidden_act, causal)
        for layer in model.encoder.layers
    ]


def _clip_block(layer: nn.Module, heads: int, activation: str, causal: bool) -> Block:
    theirs = layer.self_attn
    attention = Attention(theirs.q_proj, theirs.k_proj, theirs.v_proj, theirs.out_proj, heads, causal)
    return Block(attention, _mlp(layer.mlp, activation), layer.layer_norm1, layer.layer_norm2)


def _detr_block(layer: nn.Module, heads: int, activation: str) -> PostNormBlock:
    theirs = layer.self_attn
    attention = Attention(theirs.q_proj, theirs.k_proj, theirs.v_proj, theirs.o_proj, heads)
    return PostNormBlock(attention, _mlp(layer.mlp, activation), layer.self_attn_layer_norm, layer.final_layer_norm)


def _mlp(layer: nn.Module, activation: str) -> MLP:
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"the activation {activation!r} of this network is not known; one of {', '.join(ACTIVATIONS)} was expected"
        )
    return MLP(layer.fc1, ACTIVATIONS[activation](), layer.fc2)
