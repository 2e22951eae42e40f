using FedKim.Commands.Host;
using FedKim.Commands.Watch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedKim.Node.Page;

/// <summary>
/// A server's page, for people with a browser: files that lie in the program, and what they watch. All that it shows is what the node's commands answer;
/// it changes nothing.
/// </summary>
internal static class PageEndpoints
{
    // Nothing from elsewhere, nothing written into the page itself, and no frame around it.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the page; the group returned takes further conventions, such as authorization.</summary>
    /// <param name="routes">The door's.</param>
    /// <param name="watch">What is asked for all who look.</param>
    /// <param name="caller">Who looks.</param>
    public static RouteGroupBuilder MapPage(this IEndpointRouteBuilder routes, CommandWatch watch, Func<HttpContext, Caller> caller)
    {
        var group = routes.MapGroup("");
        RequestDelegate enter = context =>
        {
            context.Response.Redirect(PageFile.Root);
            return Task.CompletedTask;
        };
        group.MapGet("/", enter);
        foreach (var file in PageFile.All())
        {
            RequestDelegate send = context => SendAsync(context, file);
            group.MapGet(file.Path, send);
        }
        group.MapWatch(watch, caller);
        return group;
    }

    private static Task SendAsync(HttpContext context, PageFile file)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ETag = file.Tag;
        // Asked each time whether it is the same still: a new build's page must not meet an old one's modules.
        headers.CacheControl = "no-cache";
        if (request.Headers.IfNoneMatch == file.Tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = file.Type;
        response.ContentLength = file.Content.Length;
        return response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }
}
