using Akka.Actor;
using FedKim.Audit;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>Hands the federation of a server's file to the federation's actor.</summary>
/// <param name="plan">The federation.</param>
/// <param name="file">The file.</param>
/// <param name="log">The node's log.</param>
/// <param name="noted">Told of it, for the audit log.</param>
internal sealed class FirstSubmission(FederationPlan plan, string file, ILogger log, Action<AuditEntry> noted)
{
    private static readonly TimeSpan SubmitAgain = TimeSpan.FromSeconds(1);

    /// <summary>Until it has it; what it knows already changes nothing.</summary>
    public async Task HandOverAsync(IActorRef server, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var submit = OperatorMessages.Submit.Of(plan);
                object answer = await server.Ask(submit, SubmitAgain, stopping);
                var entry = ChangeAudit.Of(submit, caller: null);
                if (answer is OperatorMessages.Refused refused)
                {
                    log.Error("The federation of {File} is refused: {Reason:l}", file, refused.Reason);
                    entry = entry with { Outcome = AuditOutcome.Refused };
                }
                noted(entry);
                return;
            }
            catch (AskTimeoutException)
            {
                log.Debug("The federation's actor does not answer yet");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
