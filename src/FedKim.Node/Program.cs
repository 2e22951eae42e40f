using FedKim.Node.Cli;

CommandLine.CatchTheRest();
return await CommandLine.RunAsync(args);
