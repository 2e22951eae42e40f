using Xunit.Sdk;
using Xunit.v3;

// Each test is a whole cluster: two at once would wait for each other's cores and miss the moments they strike in.
[assembly: Parallelization(Mode = ParallelMode.None)]
