using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>
/// Every address of the REST API, as the running portal lists them, is asked by everyone: nobody, each role in its namespace and in another, and an
/// administrator of everything. Whether it lets them in must be what its rule and the table of roles say.
/// </summary>
[Collection(SignInCollection.Name)]
public sealed partial class ApiMatrixTests(SignInFixture fixture)
{
    private const string Own = "demo";
    private const string Other = "default";

    [Fact]
    public async Task Api_AskedByEveryone_LetsInWhomItsRuleNames()
    {
        var endpoints = fixture.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal) || endpoint.RoutePattern.RawText.StartsWith("/flows/", StringComparison.Ordinal))
            .Select(endpoint => (Endpoint: endpoint, Rule: endpoint.Metadata.GetMetadata<AccessRuleAttribute>()!)).ToList();
        Assert.True(endpoints.Count(item => item.Rule is RequiresAttribute) > 15);
        var wrong = new List<string>();
        foreach (var (role, group) in new (PortalRole?, string)[]
        {
            (null, "nobody"), (PortalRole.Viewer, "viewers"), (PortalRole.Author, "authors"), (PortalRole.Approver, "approvers"), (PortalRole.Operator, "operators"), (PortalRole.Admin, "admins"),
        })
        {
            using var browser = fixture.NewBrowser();
            browser.DefaultRequestHeaders.Accept.Clear();
            (await fixture.SignInAsync(browser, claims => claims["groups"] = new JsonArray(group))).Dispose();
            foreach (var (endpoint, rule) in endpoints)
            {
                foreach (var @namespace in HasNamespace(endpoint) ? [Own, Other] : new string?[] { null })
                {
                    var status = await SendAsync(browser, endpoint, @namespace);
                    if ((status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)) != IsLetIn(rule, role, @namespace) && rule is not OpenToAllAttribute)
                    {
                        wrong.Add($"{group}: {string.Join(",", Methods(endpoint))} {endpoint.RoutePattern.RawText} in {@namespace ?? "-"}: {(int)status}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Api_AskedByNobody_Is401()
    {
        using var anonymous = fixture.NewBrowser();
        anonymous.DefaultRequestHeaders.Accept.Clear();
        var wrong = new List<string>();
        foreach (var endpoint in fixture.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<AccessRuleAttribute>() is not OpenToAllAttribute))
        {
            if (await SendAsync(anonymous, endpoint, Own) is not HttpStatusCode.Unauthorized and var status)
            {
                wrong.Add($"{endpoint.RoutePattern.RawText}: {(int)status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("ada@example.com", HttpStatusCode.Forbidden)]
    [InlineData("ruth@example.com", HttpStatusCode.OK)]
    public async Task Metrics_OnThePortOfThePages_AreForWhoMayReadEveryNamespace(string? email, HttpStatusCode expected)
    {
        using var browser = fixture.NewBrowser();
        browser.DefaultRequestHeaders.Accept.Clear();
        if (email is not null)
        {
            (await fixture.SignInAsync(browser, claims => (claims["email"], claims["groups"]) = (email, new JsonArray("viewers")))).Dispose();
        }

        using var response = await browser.GetAsync("/metrics");

        Assert.Equal(expected, response.StatusCode);
    }

    private static bool IsLetIn(AccessRuleAttribute rule, PortalRole? role, string? @namespace) => rule switch
    {
        RequiresAttribute { Permission: var permission, Somewhere: var somewhere } =>
            role is { } known && RolePermissions.Of(known).Contains(permission) && (somewhere || @namespace == Own),
        _ => true,
    };

    private static bool HasNamespace(RouteEndpoint endpoint) => endpoint.RoutePattern.Parameters.Any(parameter => parameter.Name == "namespace");

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"];

    // Names that nothing has and an empty body: who is let in finds nothing to change.
    private static async Task<HttpStatusCode> SendAsync(HttpClient browser, RouteEndpoint endpoint, string? @namespace)
    {
        var path = Parameter().Replace(endpoint.RoutePattern.RawText!, match => match.Groups["name"].Value switch
        {
            "namespace" => @namespace!,
            _ when match.Groups["type"].Value is "long" or "int" => "999999",
            _ => "matrix-none",
        });
        var method = Methods(endpoint)[0];
        using var request = new HttpRequestMessage(new HttpMethod(method), "/" + path.TrimStart('/'));
        if (method is not ("GET" or "DELETE"))
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var response = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    [GeneratedRegex(@"\{\**(?<name>\w+)\??(:(?<type>\w+)[^}]*)?\}")]
    private static partial Regex Parameter();
}
