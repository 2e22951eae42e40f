using FedKim.Node.Cli;

return await CommandLine.RunAsync(args);
