using FedKim.Chaos;

return await CommandLine.RunAsync(args);
