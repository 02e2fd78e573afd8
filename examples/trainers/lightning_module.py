"""Regression with Lightning."""

import argparse

import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regression(L.LightningModule):
    def __init__(self, lr=0.01):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.mse_loss(self.net(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val_loss", nn.functional.mse_loss(self.net(x), y), prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--batch_size", type=int, default=32)
    args = parser.parse_args()

    L.seed_everything(0)
    x = torch.randn(1024, 8)
    data = TensorDataset(x, x[:, :1] * x[:, 1:2])
    trainer = L.Trainer(max_epochs=args.max_epochs, accelerator="cpu", logger=False, enable_model_summary=False)
    trainer.fit(
        Regression(args.lr),
        DataLoader(data, batch_size=args.batch_size, shuffle=True),
        DataLoader(data, batch_size=256),
    )


if __name__ == "__main__":
    main()
