"""The networks of a problem in PyTorch, by the names that published checkpoints use."""

import re

import torch
from torch import nn
from torch.nn import functional


def norm_of(kind, channels):
    """Instance norm without weights, group norm of one group, or none."""
    kinds = {
        "instance": lambda: nn.InstanceNorm2d(channels),
        "layer": lambda: nn.GroupNorm(1, channels),
        "none": nn.Identity,
    }
    return kinds[kind]()


class Residual(nn.Module):
    """pix2pixHD's ResnetBlock. Instance norm takes a bias away, so that there is none before it."""

    def __init__(self, channels, norm):
        super().__init__()
        bias = norm != "instance"
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            norm_of(norm, channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            norm_of(norm, channels),
        )

    def forward(self, images):
        return images + self.conv_block(images)


class Generator(nn.Module):
    """pix2pixHD's GlobalGenerator; images in [0, 1] on both ends."""

    def __init__(self, width, blocks, downsamplings, norm, **_):
        super().__init__()
        bias = norm != "instance"

        def activated(channels):
            return [norm_of(norm, channels), nn.ReLU(inplace=True)]

        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7, bias=bias), *activated(width)]
        channels = width
        for _ in range(downsamplings):
            layers += [nn.Conv2d(channels, 2 * channels, 3, 2, 1, bias=bias)]
            channels *= 2
            layers += activated(channels)
        layers += [Residual(channels, norm) for _ in range(blocks)]
        for _ in range(downsamplings):
            layers += [nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, 1, bias=bias)]
            channels //= 2
            layers += activated(channels)
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(channels, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, images):
        return (self.model(2 * images - 1) + 1) / 2


class Discriminator(nn.Module):
    """pix2pixHD's multiscale discriminator: by scale, the maps of every layer."""

    def __init__(self, width, layers, scales):
        super().__init__()
        self.layers, self.scales = layers, scales
        channels = [min(width * 2**layer, max(width, 512)) for layer in range(layers + 1)]
        for scale in range(scales):
            parts = [[nn.Conv2d(3, width, 4, 2, 2), nn.LeakyReLU(0.2, inplace=True)]]
            for layer in range(layers):
                stride = 2 if layer + 1 < layers else 1
                before, after = channels[layer], channels[layer + 1]
                parts.append([
                    nn.Conv2d(before, after, 4, stride, 2, bias=False),
                    nn.InstanceNorm2d(after),
                    nn.LeakyReLU(0.2, inplace=True),
                ])
            parts.append([nn.Conv2d(channels[layers], 1, 4, 1, 2)])
            for layer, part in enumerate(parts):
                setattr(self, f"scale{scale}_layer{layer}", nn.Sequential(*part))

    def forward(self, images):
        images = 2 * images - 1
        maps = []
        for scale in reversed(range(self.scales)):
            if maps:
                images = functional.avg_pool2d(images, 3, 2, 1, count_include_pad=False)
            own, value = [], images
            for layer in range(self.layers + 2):
                value = getattr(self, f"scale{scale}_layer{layer}")(value)
                own.append(value)
            maps.append(own)
        return maps


class Perceptual(nn.Module):
    """VGG-16's features after ReLU1_2, 2_2, 3_3, 4_3 and 5_3, at any width."""

    def __init__(self, width, normalization):
        super().__init__()
        self.features = nn.Module()
        self.stages, inputs, index = [], 3, 0
        for depth, factor in zip((2, 2, 3, 3, 3), (1, 2, 4, 8, 8)):
            names = []
            for _ in range(depth):
                layer = nn.Conv2d(inputs, width * factor, 3, 1, 1)
                self.features.add_module(str(index), layer)
                names.append(str(index))
                inputs, index = width * factor, index + 2
            self.stages.append(names)
            index += 1
        imagenet = normalization == "imagenet"
        mean = (0.485, 0.456, 0.406) if imagenet else (0, 0, 0)
        deviation = (0.229, 0.224, 0.225) if imagenet else (1, 1, 1)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1), False)

    def forward(self, images):
        value, taps = (images - self.mean) / self.deviation, []
        for number, names in enumerate(self.stages):
            if number and min(value.shape[2:]) >= 2:
                value = functional.max_pool2d(value, 2)
            for name in names:
                value = functional.relu(self.features.get_submodule(name)(value))
            taps.append(value)
        return taps


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        same = inputs == outputs
        self.convShortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, images):
        active = functional.relu(self.bn1(images))
        residual = self.conv2(functional.relu(self.bn2(self.conv1(active))))
        return residual + (self.convShortcut(active) if self.convShortcut else images)


class WideResNet(nn.Module):
    """TRADES' WideResNet: logits, and the features before the last layer."""

    def __init__(self, depth, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        channels = 16
        for group in (1, 2, 3):
            outputs, blocks = 16 * width * 2 ** (group - 1), []
            for index in range((depth - 4) // 6):
                blocks.append(WideBlock(channels, outputs, 2 if group > 1 and index == 0 else 1))
                channels = outputs
            holder = nn.Module()
            holder.layer = nn.Sequential(*blocks)
            setattr(self, f"block{group}", holder)
        self.bn1 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, classes)

    def forward(self, images):
        value = self.conv1(images)
        for group in (1, 2, 3):
            value = getattr(self, f"block{group}").layer(value)
        features = functional.relu(self.bn1(value)).mean((2, 3))
        return self.fc(features), features


class CifarBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.stride = 1 if inputs == outputs else 2
        self.padding = (outputs - inputs) // 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)

    def forward(self, images):
        residual = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(images)))))
        if self.stride == 2:
            channels = (0, 0, 0, 0, self.padding, self.padding)
            images = functional.pad(images[:, :, ::2, ::2], channels)
        return functional.relu(residual + images)


class CifarResNet(nn.Module):
    """The ResNet of He et al. for CIFAR, with shortcuts of option A: logits, and the features before the last layer."""

    def __init__(self, depth, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        channels = 16
        for group, outputs in enumerate((16, 32, 64), 1):
            blocks = []
            for _ in range((depth - 2) // 6):
                blocks.append(CifarBlock(channels, outputs))
                channels = outputs
            setattr(self, f"layer{group}", nn.Sequential(*blocks))
        self.linear = nn.Linear(channels, classes)
        statistics = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        for name, values in zip(("mean", "deviation"), statistics):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), False)

    def forward(self, images):
        value = functional.relu(self.bn1(self.conv1((images - self.mean) / self.deviation)))
        features = self.layer3(self.layer2(self.layer1(value))).mean((2, 3))
        return self.linear(features), features


class Logits(nn.Module):
    """What attack libraries take: a network from images to logits alone."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return self.network(images)[0]


def build(preset, classes):
    """Makes all networks of a preset."""
    architecture = preset["target"]["architecture"]
    wide = re.fullmatch(r"wrn-(\d+)-(\d+)", architecture)
    cifar = re.fullmatch(r"resnet(20|32|44|56|110)", architecture)
    if not wide and not cifar:
        raise ValueError(f"only WideResNets and the ResNets for CIFAR are built: {architecture}")
    discriminator, perceptual = preset["discriminator"], preset["perceptual"]
    if preset["generator"]["upsampling"] != "transposed":
        raise ValueError("only transposed convolutions are built")
    return {
        "generator": Generator(**preset["generator"]),
        "discriminator": Discriminator(
            discriminator["width"], discriminator["layers"], discriminator["scales"]
        ),
        "perceptual": Perceptual(perceptual["width"], perceptual["normalization"]),
        "target": WideResNet(int(wide[1]), int(wide[2]), classes)
        if wide
        else CifarResNet(int(cifar[1]), classes),
    }
