import torch
import torchattacks
from realign_model import METADATA, SHAPES, load

system = load("logits").to("cuda" if torch.cuda.is_available() else "cpu")
images = torch.rand(8, *SHAPES[0][1:])  # yours: RGB in [0, 1]
labels = system(images).argmax(1)
attack = torchattacks.PGD(system, eps=8 / 255, alpha=2 / 255, steps=10)
adversarial = attack(images, labels)
kept = (system(adversarial).argmax(1) == labels).float().mean().item()
print(f"{kept:.0%} withstand PGD", METADATA["warnings"])
