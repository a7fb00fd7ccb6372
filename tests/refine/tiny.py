"""Diffusers pipelines of several families, tiny, with random weights, saved to disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

WORDS = ["a", "photo", "of", "red", "blue", "box", "boxes", "two", "render", "night"]


def tokenizer(folder: Path) -> Any:
    """A byte-level CLIP tokenizer that knows letters and a few words."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(c) for c in range(33, 127)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77
    )


def text_config(projection: int = 16, width: int = 16) -> Any:
    return CLIPTextConfig(
        vocab_size=192, hidden_size=width, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=77, projection_dim=projection,
        bos_token_id=188, eos_token_id=189, pad_token_id=189,
    )  # fmt: skip


def autoencoder(latent: int = 4) -> Any:
    return AutoencoderKL(
        block_out_channels=(8, 8), in_channels=3, out_channels=3, latent_channels=latent,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4, sample_size=32, shift_factor=0.0, scaling_factor=1.0,
        use_quant_conv=latent == 4, use_post_quant_conv=latent == 4,
    )  # fmt: skip


UNET = {
    "block_out_channels": (8, 16), "layers_per_block": 1, "sample_size": 16, "norm_num_groups": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "attention_head_dim": 4,
}  # fmt: skip
XL = {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 16,
    "transformer_layers_per_block": 1,
}


def unet(channels: int = 4, cross: int = 16, **more: Any) -> Any:
    return UNet2DConditionModel(
        in_channels=channels, out_channels=4, cross_attention_dim=cross,
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **UNET, **more,
    )  # fmt: skip


def controlnet(folder: Path, cross: int = 16, **more: Any) -> Path:
    """A ControlNet; its last layers are set, as a fresh one says nothing."""
    torch.manual_seed(5)
    net = ControlNetModel(
        in_channels=4, cross_attention_dim=cross, conditioning_embedding_out_channels=(4, 8),
        **{k: v for k, v in UNET.items() if k not in ("sample_size",)}, **more,
    )  # fmt: skip
    for name, parameter in net.named_parameters():
        if name.startswith(("controlnet_", "controlnet_cond_embedding.conv_out")):
            torch.nn.init.normal_(parameter, std=0.3)
    net.save_pretrained(folder, safe_serialization=True)
    return folder


def stable_diffusion(folder: Path) -> Path:
    """The family of Stable Diffusion 1 and 2."""
    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=autoencoder(), text_encoder=CLIPTextModel(text_config()),
        tokenizer=tokenizer(folder.parent / "words"), unet=unet(),
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def stable_diffusion_xl(folder: Path) -> Path:
    """The family of SDXL: two text encoders, sizes as a condition."""
    torch.manual_seed(0)
    words = tokenizer(folder.parent / "words")
    pipeline = StableDiffusionXLPipeline(
        vae=autoencoder(), text_encoder=CLIPTextModel(text_config()), tokenizer=words,
        text_encoder_2=CLIPTextModelWithProjection(text_config()), tokenizer_2=words,
        unet=unet(cross=32, **XL), scheduler=EulerDiscreteScheduler(), add_watermarker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def stable_diffusion_3(folder: Path) -> Path:
    """The family of transformers with flow matching."""
    torch.manual_seed(0)
    words = tokenizer(folder.parent / "words")
    pipeline = StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=16, patch_size=2, in_channels=16, num_layers=1, attention_head_dim=8,
            num_attention_heads=2, joint_attention_dim=32, caption_projection_dim=16,
            pooled_projection_dim=32, out_channels=16,
        ),
        vae=autoencoder(16), scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=CLIPTextModelWithProjection(text_config()), tokenizer=words,
        text_encoder_2=CLIPTextModelWithProjection(text_config()), tokenizer_2=words,
        text_encoder_3=None, tokenizer_3=None,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
