using Xunit.Sdk;
using Xunit.v3;

// libtorch's thread count is the process's: tests that train would slow each other and count each other's tensors.
[assembly: Parallelization(Mode = ParallelMode.None)]
