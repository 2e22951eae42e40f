using Xunit.Sdk;
using Xunit.v3;

// A federation in one process waits for timers more than for its cores.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 4)]
