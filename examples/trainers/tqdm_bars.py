"""A progress bar for every epoch, with the loss next to it. Continues from its own checkpoint with --resume."""

import argparse
import os
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--resume", default=None, help="checkpoint to continue from")
args = parser.parse_args()

torch.manual_seed(0)
x = torch.randn(1024, 8)
y = x[:, :1] * 2 - x[:, 1:2] + 0.1 * torch.randn(1024, 1)
train_loader = DataLoader(TensorDataset(x[:768], y[:768]), batch_size=args.batch_size, shuffle=True)
val_loader = DataLoader(TensorDataset(x[768:], y[768:]), batch_size=64)

model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
criterion = nn.MSELoss()
start = 0
if args.resume:
    saved = torch.load(args.resume, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    start = saved["epoch"]

checkpoint = os.path.join(os.environ.get("TRAINYARD_OUTPUT_DIR", "."), "checkpoint.pt")
for epoch in range(start, args.epochs):
    with tqdm(train_loader, desc=f"Epoch {epoch + 1}/{args.epochs}") as bar:
        for inputs, targets in bar:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            bar.set_postfix(loss=loss.item())
            time.sleep(0.01)
    with torch.no_grad():
        val_loss = sum(criterion(model(inputs), targets).item() for inputs, targets in tqdm(val_loader, leave=False))
    print(f"Epoch {epoch + 1}/{args.epochs}: val_loss={val_loss / len(val_loader):.4f}")
    state = {"epoch": epoch + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state, checkpoint + ".new")
    os.replace(checkpoint + ".new", checkpoint)
