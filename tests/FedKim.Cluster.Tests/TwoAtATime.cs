using Xunit.Sdk;
using Xunit.v3;

// Each test is a whole cluster, which waits for timers more than for its cores. More than two at once would miss the moments they strike in.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
