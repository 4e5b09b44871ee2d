"""Tiny random models of transformers' exact classes for segmentation, saved as their folders on the hub are."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import (
    AutoModelForSemanticSegmentation,
    AutoModelForUniversalSegmentation,
    BeitConfig,
    ConvNextConfig,
    DPTConfig,
    Mask2FormerConfig,
    MaskFormerConfig,
    OneFormerConfig,
    Sam2Config,
    Sam2Model,
    Sam2VideoConfig,
    Sam2VideoModel,
    Sam3TrackerConfig,
    Sam3TrackerModel,
    SamConfig,
    SamModel,
    SegformerConfig,
    SwinConfig,
    UperNetConfig,
)

SIDE = 64  # of the inputs of the promptable models
CLASSES = ("floor", "sky", "wall", "ceiling")
_PROMPT = {"hidden_size": 16, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 8}
_DECODER = {"hidden_size": 16, "mlp_dim": 16, "num_attention_heads": 2, "iou_head_hidden_dim": 16}
_HIERA = {
    "model_type": "sam2_hiera_det_model",
    "hidden_size": 8,
    "image_size": [SIDE, SIDE],
    "blocks_per_stage": [1, 1, 2, 1],
    "embed_dim_per_stage": [8, 16, 24, 32],
    "num_attention_heads_per_stage": [1, 1, 1, 1],
    "window_size_per_stage": [8, 4, 4, 4],
    "global_attention_blocks": [3],
    "window_positional_embedding_background_size": [4, 4],
}
_SAM2_VISION = {
    "model_type": "sam2_vision_model",
    "backbone_config": _HIERA,
    "backbone_channel_list": [32, 24, 16, 8],
    "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
    "fpn_hidden_size": 16,
}


def sam1():
    vision = {"hidden_size": 16, "output_channels": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    vision |= {"image_size": SIDE, "patch_size": 16, "window_size": 2, "global_attn_indexes": [0], "num_pos_feats": 8}
    return SamModel(SamConfig(vision_config=vision, prompt_encoder_config=_PROMPT, mask_decoder_config=_DECODER))


def sam2():
    parts = {"vision_config": _SAM2_VISION, "prompt_encoder_config": _PROMPT, "mask_decoder_config": _DECODER}
    return Sam2Model(Sam2Config(**parts))


def sam2_video():
    """What facebook/sam2.1-hiera-tiny holds: the memory of the video model too."""
    parts = {"vision_config": _SAM2_VISION, "prompt_encoder_config": _PROMPT, "mask_decoder_config": _DECODER}
    memory = {"memory_attention_hidden_size": 16, "memory_attention_num_layers": 1, "memory_encoder_hidden_size": 16}
    memory |= {"memory_attention_feed_forward_hidden_size": 16, "memory_encoder_output_channels": 8}
    memory |= {"mask_downsampler_embed_dim": 16, "memory_fuser_embed_dim": 16, "memory_fuser_intermediate_dim": 16}
    return Sam2VideoModel(Sam2VideoConfig(**parts, **memory, memory_attention_rope_feat_sizes=[4, 4], image_size=SIDE))


def sam3_tracker():
    backbone = {"model_type": "sam3_vit_model", "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    backbone |= {"num_attention_heads": 2, "image_size": 56, "patch_size": 14, "window_size": 2}
    backbone |= {"global_attn_indexes": [0], "pretrain_image_size": 28}
    vision = {"model_type": "sam3_vision_model", "backbone_config": backbone, "fpn_hidden_size": 16}
    vision |= {"backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]]}
    prompt = {**_PROMPT, "image_size": 56, "patch_size": 14}
    parts = {"vision_config": vision, "prompt_encoder_config": prompt, "mask_decoder_config": _DECODER}
    return Sam3TrackerModel(Sam3TrackerConfig(**parts))


PROMPTABLE = {
    "sam": (sam1, "SamImageProcessor"),
    "sam2": (sam2, "Sam2ImageProcessorFast"),
    "sam2_video": (sam2_video, "Sam2ImageProcessorFast"),
    "sam3_tracker": (sam3_tracker, "Sam3ImageProcessorFast"),
}


def save_promptable(kind: str, folder: Path) -> Path:
    make, processor = PROMPTABLE[kind]
    return _saved(make, folder, {"image_processor_type": processor})


def _names(classes):
    return {
        "id2label": dict(enumerate(classes)),
        "label2id": {name: place for place, name in enumerate(classes)},
    }


def _segformer(names):
    stages = {"depths": [1] * 4, "hidden_sizes": [8] * 4, "num_attention_heads": [1] * 4, "decoder_hidden_size": 8}
    return SegformerConfig(**stages, **names)


def _upernet(names):
    backbone = ConvNextConfig(
        hidden_sizes=[8] * 4, depths=[1] * 4, out_features=["stage1", "stage2", "stage3", "stage4"]
    )
    return UperNetConfig(
        backbone_config=backbone, hidden_size=8, auxiliary_in_channels=8, auxiliary_channels=8, **names
    )


def _vit():
    return {"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 16}


def _beit(names):
    return BeitConfig(
        **_vit(),
        image_size=64,
        patch_size=16,
        out_indices=[1, 2, 3, 4],
        pool_scales=[1, 2],
        **names,
        use_relative_position_bias=True,
        auxiliary_channels=8,
    )


def _dpt(names):
    sizes = {"backbone_out_indices": [0, 1, 2, 3], "neck_hidden_sizes": [8] * 4, "fusion_hidden_size": 8}
    return DPTConfig(**_vit(), image_size=64, is_hybrid=False, **sizes, **names)


def _swin():
    stages = ["stage1", "stage2", "stage3", "stage4"]
    return SwinConfig(embed_dim=8, depths=[1] * 4, num_heads=[1] * 4, window_size=4, image_size=64, out_features=stages)


def _maskformer(names):
    decoder = {"model_type": "detr", "d_model": 32, "num_queries": 6, "encoder_layers": 1, "decoder_layers": 1}
    decoder |= {"encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "encoder_attention_heads": 2}
    decoder |= {"decoder_attention_heads": 2}
    return MaskFormerConfig(
        fpn_feature_size=32, mask_feature_size=32, backbone_config=_swin(), decoder_config=decoder, **names
    )


_QUERIES = {"hidden_dim": 32, "encoder_feedforward_dim": 16, "encoder_layers": 1, "decoder_layers": 2}
_QUERIES |= {"num_attention_heads": 2, "dim_feedforward": 16, "num_queries": 6}


def _mask2former(names):
    return Mask2FormerConfig(backbone_config=_swin(), feature_size=32, mask_feature_size=32, **_QUERIES, **names)


def _oneformer(names):
    text = {"task_seq_len": 24, "text_encoder_width": 32, "text_encoder_num_layers": 1, "text_encoder_vocab_size": 300}
    return OneFormerConfig(backbone_config=_swin(), conv_dim=32, mask_dim=32, **text, **_QUERIES, **names)


SEMANTIC = {  # configuration, image processor and its settings
    "segformer": (_segformer, "SegformerImageProcessor", {"size": {"height": 64, "width": 64}}),
    "upernet": (_upernet, "SegformerImageProcessor", {"size": {"height": 64, "width": 64}}),
    "beit": (
        _beit,
        "BeitImageProcessor",
        {"size": {"height": 64, "width": 64}, "crop_size": {"height": 32, "width": 32}},
    ),
    "dpt": (_dpt, "DPTImageProcessor", {"size": {"height": 64, "width": 64}}),
    "maskformer": (_maskformer, "MaskFormerImageProcessor", {"size": {"shortest_edge": 48, "longest_edge": 96}}),
    "mask2former": (_mask2former, "Mask2FormerImageProcessor", {"size": {"height": 64, "width": 64}}),
    "oneformer": (
        _oneformer,
        "OneFormerImageProcessor",
        {
            "size": {"shortest_edge": 48, "longest_edge": 96},
            "class_info_file": "ade20k_panoptic.json",
            "repo_path": "shi-labs/oneformer_demo",
        },
    ),
}
UNIVERSAL = ("maskformer", "mask2former", "oneformer")


def save_semantic(kind: str, folder: Path, classes=CLASSES) -> Path:
    configuration, processor, settings = SEMANTIC[kind]
    model_class = AutoModelForUniversalSegmentation if kind in UNIVERSAL else AutoModelForSemanticSegmentation
    settings = {"image_processor_type": processor, **settings}
    _saved(lambda: model_class.from_config(configuration(_names(classes))), folder, settings)
    if kind == "oneformer":
        letters = sorted(set("thetaskissemantic"))
        tokens = ["!", "<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
        (folder / "vocab.json").write_text(json.dumps({token: place for place, token in enumerate(tokens)}))
        (folder / "merges.txt").write_text("#version: 0.2\n")
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    return folder


def _saved(make, folder: Path, processor: dict) -> Path:
    torch.manual_seed(0)
    make().eval().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder
