/**
 * Functions that written modules of PyTorch call; a file has those that it needs.
 *
 * @module
 */

/** By name, in the order in which they stand in a file: each behind those that it calls. */
export const TORCH_HELPERS = {
  padded: `
def padded(x, padding, value=0.0):
    """Pads x (left, right, top, bottom) where two sides differ; returns what is left to pad of rows and columns."""
    left, right, top, bottom = padding
    if left == right and top == bottom:
        return x, (top, left)
    return F.pad(x, padding, value=value), (0, 0)`,
  conv2d: `
def conv2d(x, weight, stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1), groups=1):
    """A convolution of x, channels last. The axes are turned without moving a number."""
    x, rest = padded(x.permute(0, 3, 1, 2), padding)
    return F.conv2d(x, weight, None, stride, rest, dilation, groups).permute(0, 2, 3, 1)`,
  conv_transpose2d: `
def conv_transpose2d(x, weight, size, stride=(1, 1), offset=(0, 0), dilation=(1, 1)):
    """A transposed convolution of x, channels last: of the whole result, size pixels from an offset on."""
    x = F.conv_transpose2d(x.permute(0, 3, 1, 2), weight, None, stride, 0, 0, 1, dilation)
    (height, width), (top, left) = size, offset
    missing = (0, max(left + width - x.shape[3], 0), 0, max(top + height - x.shape[2], 0))
    if any(missing):
        x = F.pad(x, missing)
    return x[:, :, top : top + height, left : left + width].permute(0, 2, 3, 1)`,
  max_pool2d: `
def max_pool2d(x, size, stride, padding=(0, 0, 0, 0)):
    """The greatest of each window of x, channels last."""
    x, rest = padded(x.permute(0, 3, 1, 2), padding, float("-inf"))
    return F.max_pool2d(x, size, stride, rest).permute(0, 2, 3, 1)`,
  avg_pool2d: `
def avg_pool2d(x, size, stride, padding=(0, 0, 0, 0)):
    """The mean of each window of x, channels last; the padding does not count."""
    x = x.permute(0, 3, 1, 2)
    if not any(padding):
        return F.avg_pool2d(x, size, stride).permute(0, 2, 3, 1)
    inside = F.pad(torch.ones_like(x[:1, :1]), padding)
    mean = F.avg_pool2d(F.pad(x, padding), size, stride) / F.avg_pool2d(inside, size, stride)
    return mean.permute(0, 2, 3, 1)`,
  batch_norm: `
def batch_norm(x, scale, offset, mean, variance, epsilon):
    """Normalises x, channels last, by given statistics."""
    x = x.permute(0, 3, 1, 2)
    return F.batch_norm(x, mean, variance, scale, offset, False, 0.0, epsilon).permute(0, 2, 3, 1)`,
  resize_bilinear: `
def resize_bilinear(x, size, align_corners):
    """Resizes x, channels last; pixels are squares, or points with the outermost ones in the corners."""
    x = x.permute(0, 3, 1, 2)
    return F.interpolate(x, size, mode="bilinear", align_corners=align_corners).permute(0, 2, 3, 1)`,
  between: `
def between(x, size, dim):
    """Resizes one axis; pixels are points, and the first ones lie upon each other."""
    places = torch.arange(size, device=x.device, dtype=x.dtype) * (x.shape[dim] / size)
    lower = places.floor().long()
    upper = (lower + 1).clamp(max=x.shape[dim] - 1)
    share = (places - lower).reshape((-1,) + (1,) * (x.dim() - 1 - dim))
    first = x.index_select(dim, lower)
    return first + (x.index_select(dim, upper) - first) * share`,
  resize_from_corner: `
def resize_from_corner(x, size):
    """Resizes x, channels last, from its first pixel on."""
    return between(between(x, size[0], 1), size[1], 2)`,
  resize_nearest: `
def resize_nearest(x, size, mode):
    """Resizes x, channels last, without new colours."""
    return F.interpolate(x.permute(0, 3, 1, 2), size, mode=mode).permute(0, 2, 3, 1)`,
  gather: `
def gather(x, indices, dim):
    """Entries of x along an axis, by their numbers."""
    shape = x.shape[:dim] + indices.shape + x.shape[dim + 1 :]
    return x.index_select(dim, indices.reshape(-1)).reshape(shape)`,
} as const;

/** A function's name. */
export type TorchHelper = keyof typeof TORCH_HELPERS;
