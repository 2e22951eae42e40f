using Xunit.Sdk;
using Xunit.v3;

// The quick suite is a whole cluster: it and the tests of the proxy's times would wait for each other's cores.
[assembly: Parallelization(Mode = ParallelMode.None)]
