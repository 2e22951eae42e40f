using Microsoft.AspNetCore.Connections;

namespace FedKim.Simulation.Tests;

/// <summary>A machine's connections to the weight planes of servers: as slow, broken and cut as the cluster's network is now.</summary>
internal sealed class Wire(Cluster cluster, Machine machine) : HttpMessageHandler
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        string server = request.RequestUri!.Host;
        double arriving = cluster.Faults.OfTransfer();
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancel);
        await Task.Delay(cluster.Network.Delay(), cluster.Loop, cancel);
        if (cluster.Server(server) is not { } there || !Leads(server))
            throw new HttpRequestException($"{server} cannot be reached.");

        var answered = new TaskCompletionSource<HttpResponseMessage>();
        var headers = request.Headers.Select(h => KeyValuePair.Create(h.Key, string.Join(",", h.Value))).ToArray();
        there.Machine.Post(_ => _ = Answer(), null);
        HttpResponseMessage response;
        try
        {
            // A server that is frozen is waited for; one that dies leaves a reset.
            while (await Task.WhenAny(answered.Task, Task.Delay(Tick, cluster.Loop, cancel)) != answered.Task)
            {
                cancel.ThrowIfCancellationRequested();
                if (there.Machine.IsDead)
                    throw new ConnectionResetException("The server died.");
            }

            response = await answered.Task;
        }
        catch (ConnectionResetException e)
        {
            throw new HttpRequestException("The connection was reset.", e);
        }

        await Task.Delay(cluster.Network.Delay(), cluster.Loop, cancel);
        if (!Leads(server) || there.Machine.IsDead)
            throw new HttpRequestException("The connection was reset.");
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancel);
        var content = new StreamContent(new CutStream(bytes, Some(bytes), () => new IOException("The connection was reset.")));
        foreach (var (name, value) in response.Content.Headers.Where(h => h.Key is not "Content-Length"))
            content.Headers.TryAddWithoutValidation(name, value);
        response.Content = content;
        return response;

        int Some(byte[] all) => arriving < 1 ? (int)(all.Length * arriving) : all.Length;

        async Task Answer()
        {
            using var atDisk = cluster.Loop.HoldTime(there.Machine);
            try
            {
                answered.SetResult(await there.Plane.Answer(request.Method, request.RequestUri, headers, body, Some(body)));
            }
            catch (Exception e)
            {
                answered.SetException(e);
            }
        }
    }

    private bool Leads(string server) =>
        !machine.IsDead && cluster.Network.Leads(Network.NodeOf(machine), server) && cluster.Network.Leads(server, Network.NodeOf(machine));
}
