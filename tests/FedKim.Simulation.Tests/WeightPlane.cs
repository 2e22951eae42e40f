using System.Diagnostics;
using FedKim.Transfer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Simulation.Tests;

/// <summary>The product's endpoints over a store, without a socket.</summary>
internal sealed class WeightPlane
{
    private static readonly IServiceProvider Services =
        new ServiceCollection().AddLogging().AddRouting().AddSingleton(new DiagnosticListener("weights")).BuildServiceProvider();

    private readonly RequestDelegate _answer;

    public WeightPlane(WeightStore store, Spool spool)
    {
        var application = new ApplicationBuilder(Services);
        application.UseRouting();
        application.UseEndpoints(routes =>
        {
            routes.MapWeights(store);
            routes.MapSpool(spool);
        });
        _answer = application.Build();
    }

    /// <summary>Answers a request whose body breaks off after <paramref name="arriving"/> bytes.</summary>
    /// <exception cref="ConnectionResetException">It did break off.</exception>
    public async Task<HttpResponseMessage> Answer(HttpMethod method, Uri address, IEnumerable<KeyValuePair<string, string>> headers, byte[] body, int arriving)
    {
        using var given = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = Services };
        context.Request.Method = method.Method;
        context.Request.Path = address.AbsolutePath;
        foreach (var (name, value) in headers)
            context.Request.Headers[name] = value;
        context.Request.Body = new CutStream(body, arriving, () => new ConnectionResetException("The connection was reset."));
        context.Response.Body = given;
        await _answer(context);
        await context.Response.CompleteAsync();
        var response = new HttpResponseMessage((System.Net.HttpStatusCode)context.Response.StatusCode) { Content = new ByteArrayContent(given.ToArray()) };
        foreach (var (name, value) in context.Response.Headers.Where(h => h.Key is not "Content-Length"))
        {
            if (!response.Headers.TryAddWithoutValidation(name, value.ToArray()))
                response.Content.Headers.TryAddWithoutValidation(name, value.ToArray());
        }

        return response;
    }
}
