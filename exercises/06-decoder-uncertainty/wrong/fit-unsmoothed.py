"""
problem: direct
what: The decoder counts the most probable codes of 100 points, and a count of zero is all but zero.
loses: [visible, hidden]
"""


def fit(x, labels, codes, seed):
    """Centres, log width and decoder of soft clusters that are trained on H(Y|Z)."""
    generator = torch.Generator().manual_seed(seed)
    x, onehot = torch.as_tensor(x), torch.as_tensor(np.eye(3)[labels])
    rows = torch.rand(4, len(x), generator=generator).argsort(dim=1)[:, :codes]
    centres = x[rows].clone().requires_grad_()  # four starts
    log_width = torch.full((4, 1, 1), -0.5, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([centres, log_width], lr=0.05, betas=(0.9, 0.99))
    for _ in range(200):
        squares = ((x[:, None] - centres[:, None]) ** 2).sum(dim=-1)
        q = torch.softmax(-squares / 2 * torch.exp(-2 * log_width), dim=-1)
        p_zy = (q.mT @ onehot / len(x)).clamp_min(1e-30)
        uncertainty = -(p_zy * torch.log(p_zy / p_zy.sum(dim=-1, keepdim=True))).sum(dim=(1, 2))
        optimiser.zero_grad()
        uncertainty.sum().backward()
        optimiser.step()
    best = int(uncertainty.argmin())
    hard = np.eye(codes)[q[best].detach().argmax(dim=1).numpy()]
    counts = hard[:100].T @ onehot.numpy()[:100] + 1e-300
    return {
        "centres": centres[best].detach().numpy(),
        "log_width": log_width[best].item(),
        "decoder": counts / counts.sum(axis=1, keepdims=True),
    }
