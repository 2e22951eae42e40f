using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace FedKim.Attack.Tests;

/// <summary>A door that passes for a server's, and sends whoever asks elsewhere. It takes any certificate, and none.</summary>
internal sealed class RogueDoor : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _asked;

    private RogueDoor(X509Certificate2? certificate, Func<string> elsewhere)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            }
        }));
        _application = builder.Build();
        _application.Run(context =>
        {
            Interlocked.Increment(ref _asked);
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = elsewhere();
            return Task.CompletedTask;
        });
    }

    /// <summary>Requests that came through.</summary>
    public int Asked => _asked;

    /// <summary>Where it is, <c>host:port</c>.</summary>
    public string Address => new Uri(_application.Urls.First()).Authority;

    /// <summary>Opens one.</summary>
    /// <param name="certificate">What it shows; null for a door without TLS.</param>
    /// <param name="elsewhere">Where it sends who asks.</param>
    public static async Task<RogueDoor> OpenAsync(X509Certificate2? certificate, Func<string> elsewhere)
    {
        var door = new RogueDoor(certificate, elsewhere);
        await door._application.StartAsync();
        return door;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
