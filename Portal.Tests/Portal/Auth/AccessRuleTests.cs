using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>Nothing is served that does not say to whom.</summary>
[Collection(PortalCollection.Name)]
public sealed class AccessRuleTests(PortalFixture fixture)
{
    /// <summary>What is asked with another method than GET and changes nothing that lasts; and words on a release, which whoever sees it may say; and another try and the mark of a run, which ask for more themselves.</summary>
    private static readonly string[] s_harmless =
    [
        "/api/v1/namespaces/{namespace}/prompts/{name}/render", "/api/v1/namespaces/{namespace}/prompts/{name}/run", "/flows/{namespace}/{flow}", "/flows/{namespace}/{flow}/{prompt}",
        "/api/v1/audit/verify", "/api/v1/usage", "/api/v1/releases/{id:long}/comment", "/api/v1/releases/{id:long}/retry", "/api/v1/namespaces/{namespace}/runs/{id}/mark",
    ];

    [Fact]
    public void Endpoints_Always_HaveARule()
    {
        var endpoints = fixture.Portal.Services.GetRequiredService<EndpointDataSource>().Endpoints;

        Assert.True(endpoints.Count > 20);
        Assert.Empty(endpoints.Where(endpoint => endpoint.Metadata.OfType<AccessRuleAttribute>().Count() != 1).Select(endpoint => endpoint.DisplayName));
    }

    [Fact]
    public void Endpoints_OfANamespace_AskInThatNamespace() => Assert.Empty(Api()
        .Where(endpoint => endpoint.RoutePattern.Parameters.Any(parameter => parameter.Name == "namespace") && endpoint.Metadata.GetMetadata<AccessRuleAttribute>() is not RequiresAttribute { Somewhere: false })
        .Select(endpoint => endpoint.RoutePattern.RawText));

    [Fact]
    public void Endpoints_ThatChange_TakeAPermissionToChange() => Assert.Empty(Api()
        .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(method => method != "GET") == true && !s_harmless.Contains(endpoint.RoutePattern.RawText))
        .Where(endpoint => endpoint.Metadata.GetMetadata<RequiresAttribute>() is not { } rule || !rule.Permission.IsWrite())
        .Select(endpoint => endpoint.RoutePattern.RawText));

    [Fact]
    public void Pages_Always_HaveOneRule()
    {
        var pages = typeof(PortalApplication).Assembly.GetTypes().Where(type => type.GetCustomAttributes<RouteAttribute>().Any()).ToList();

        Assert.True(pages.Count > 5);
        Assert.Empty(pages.Where(page => page.GetCustomAttributes<AccessRuleAttribute>().Count() != 1).Select(page => page.Name));
    }

    private IEnumerable<RouteEndpoint> Api() => fixture.Portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal) || endpoint.RoutePattern.RawText.StartsWith("/flows/", StringComparison.Ordinal));
}
