/**
 * The operations of TensorFlow that graph models of TensorFlow.js run, as far as recordings may have them.
 *
 * @module
 */

/** By TensorFlow's names. */
export const TFJS_OPERATIONS: ReadonlySet<string> = new Set(
  `
  Abs Add AddN AddV2 All Any ArgMax ArgMin AvgPool BatchMatMul BatchMatMulV2 BroadcastTo Cast Ceil ConcatV2 Const
  Conv2D Conv2DBackpropInput Cos DepthToSpace DepthwiseConv2dNative Elu Equal Erf Exp ExpandDims Expm1 Fill Floor
  FloorDiv FloorMod FusedBatchNorm FusedBatchNormV3 GatherV2 Greater GreaterEqual Identity LeakyRelu Less LessEqual Log Log1p LogSoftmax
  LogicalAnd LogicalNot LogicalOr MatMul Max MaxPool Maximum Mean Min Minimum MirrorPad Mul Neg NotEqual OneHot OnesLike
  Pack Pad PadV2 Placeholder Pow Prelu Prod RealDiv Reciprocal Relu Relu6 Reshape ResizeBilinear ResizeNearestNeighbor
  ReverseV2 Round Rsqrt Select SelectV2 Selu Shape Sigmoid Sign Sin Sinh Slice Softmax Softplus SplitV Sqrt Square
  SquaredDifference Squeeze StridedSlice Sub Sum Tan Tanh Tile Transpose Unpack ZerosLike
  `.trim().split(/\s+/),
);
