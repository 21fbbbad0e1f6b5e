"""
problem: direct
what: The cross-entropy of the current p(y|z), held fixed in each step, which has the same gradient.
"""


def fit(x, labels, codes, seed):
    """Centres, log width and decoder of soft clusters that are trained on H(Y|Z)."""
    torch.manual_seed(seed)
    x, y = torch.as_tensor(x), torch.as_tensor(labels)
    onehot = torch.nn.functional.one_hot(y, 3).to(x.dtype)
    best = {"loss": np.inf}
    for _ in range(2):
        centres = torch.nn.Parameter(x[torch.randperm(len(x))[:codes]].clone())
        log_width = torch.nn.Parameter(torch.tensor(-0.4, dtype=x.dtype))
        optimiser = torch.optim.Adam([centres, log_width], lr=0.06, betas=(0.9, 0.99))
        for _ in range(140):
            squares = torch.sum((x[:, None] - centres) ** 2, dim=2)
            q = torch.softmax(-squares * torch.exp(-2 * log_width) / 2, dim=1)
            counts = (q.T @ onehot).detach() + 1e-3
            decoder = counts / counts.sum(dim=1, keepdim=True)
            loss = -(q * torch.log(decoder[:, y].T)).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if loss.item() < best["loss"]:
            smooth = (counts + 0.2) / (counts + 0.2).sum(dim=1, keepdim=True)
            best = {
                "loss": loss.item(),
                "centres": centres.detach().numpy(),
                "log_width": log_width.item(),
                "decoder": smooth.numpy(),
            }
    return best
