"""The networks of examples/fer in PyTorch, with Keras's settings of batch normalization."""
from torch import nn


def batch_norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def canonical():
    layers, channels = [], 1
    for filters, size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        layers += [nn.Conv2d(channels, filters, size, padding="same"), batch_norm(filters),
                   nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout(0.25)]
        channels = filters
    layers.append(nn.Flatten())
    width = 512 * 3 * 3
    for units in (256, 512):
        layers += [nn.Linear(width, units), nn.BatchNorm1d(units, eps=1e-3, momentum=0.01),
                   nn.ReLU(inplace=True), nn.Dropout(0.25)]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 7))


def small():
    layers, channels = [], 1
    for filters in (32, 64, 128, 256):
        for _ in range(2):
            layers += [nn.Conv2d(channels, filters, 3, padding="same", bias=False),
                       batch_norm(filters), nn.ReLU(inplace=True)]
            channels = filters
        if filters < 256:
            layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.25),
                         nn.Linear(256, 7))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False), batch_norm(filters),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False), batch_norm(filters))
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), batch_norm(filters))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.inner(x) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(1, 64, 3, padding=1, bias=False), batch_norm(64), nn.ReLU(inplace=True)]
    channels = 64
    for filters in (64, 128, 256, 512):
        layers += [Block(channels, filters, 1 if filters == 64 else 2), Block(filters, filters, 1)]
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 7))


NETWORKS = {"canonical": canonical, "small": small, "resnet18": resnet18}
SIDES = {"canonical": 48, "small": 48, "resnet18": 44}
