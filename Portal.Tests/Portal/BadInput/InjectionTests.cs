using System.Collections;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Tests.Portal.BadInput;

/// <summary>
/// Hostile text in every text of every address of the REST API, as the running portal lists them: in the address, and in every field of the body its handler
/// takes. A new address is in it by itself.
/// </summary>
[Collection(PortalCollection.Name)]
public sealed partial class InjectionTests(PortalFixture fixture)
{
    private const int Deepest = 4;

    /// <summary>Values without which a body says nothing that is looked at.</summary>
    private static readonly Dictionary<string, string> s_plausible = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Kind"] = "Prompt",
        ["Namespace"] = "default",
        ["Environment"] = "",
        ["Permissions"] = "ReadNamespace",
        ["Namespaces"] = "default",
    };

    public static TheoryData<string> Hostile =>
    [
        "'; DROP TABLE releases; DELETE FROM revisions; --",
        "\" OR \"1\"=\"1",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{#with \"s\" as |string|}}{{lookup string.sub \"constructor\"}}{{/with}}${7*7}@(7*7)",
        "../../../../etc/passwd\u0000.prompt",
        "\u202Egnp.exe\uFFFF%00%0d%0aSet-Cookie: a=b \r\nX-Injected: 1",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Api_HostileTextInEveryField_IsTextOrRefused(string text)
    {
        var before = await CountsAsync();
        var wrong = new List<string>();
        foreach (var endpoint in Endpoints())
        {
            foreach (var plausible in (bool[])[true, false])
            {
                using var request = RequestOf(endpoint, text, plausible);
                using var response = await fixture.Portal.Http.SendAsync(request);
                var type = response.Content.Headers.ContentType?.MediaType ?? "";
                if ((int)response.StatusCode >= 500 || type.Contains("html", StringComparison.Ordinal) || response.Headers.Contains("X-Injected"))
                {
                    wrong.Add($"{request.Method} {endpoint.RoutePattern.RawText}: {(int)response.StatusCode} {type} {(await response.Content.ReadAsStringAsync())[..Math.Min(200, (int)(response.Content.Headers.ContentLength ?? 200))]}");
                }
            }
        }

        Assert.Empty(wrong);
        var after = await CountsAsync();
        Assert.True(after.Releases >= before.Releases && after.Revisions >= before.Revisions && after.Audit >= before.Audit, $"{before} became {after}");
        Assert.Null((await fixture.Portal.Services.GetRequiredService<AuditVerifier>().VerifyAsync(null, null, default)).Problem);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Release_TitleAndCommentOfAnyText_ComeBackAsTheyWereWritten(string text)
    {
        var sent = new { @namespace = "demo", message = text, objects = new[] { new { name = "injected", content = "---\nmodel: demo/echo-stream\n---\nHello" } } };
        using var asked = await fixture.Portal.Http.PostAsJsonAsync("/api/v1/releases", sent);
        var id = (long)(await asked.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        (await fixture.Portal.Http.PostAsJsonAsync($"/api/v1/releases/{id}/comment", new { comment = text })).Dispose();

        var release = await fixture.Portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/releases/{id}");

        Assert.Equal(Stored(text).Trim(), (string?)release!["message"]);
        Assert.Equal(Stored(text), (string?)release["history"]!.AsArray().Single(entry => (string?)entry!["kind"] == "commented")!["comment"]);
        var page = await fixture.Portal.Http.GetStringAsync($"/approvals/{id}");
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        (await fixture.Portal.Http.PostAsJsonAsync($"/api/v1/releases/{id}/withdraw", new { })).Dispose();
    }

    // PostgreSQL holds no NUL and no half of a pair.
    private static string Stored(string text) => Shared.TestPostgres.Server is null ? text : text.Replace('\0', '\u2400');

    private IEnumerable<RouteEndpoint> Endpoints() => fixture.Portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal));

    private static HttpRequestMessage RequestOf(RouteEndpoint endpoint, string text, bool plausible)
    {
        var path = Parameter().Replace(endpoint.RoutePattern.RawText!, match => match.Groups["name"].Value switch
        {
            _ when match.Groups["type"].Value is "long" or "int" => "999999",
            "namespace" when plausible => "default",
            _ when plausible => "injected",
            _ => Uri.EscapeDataString(text),
        });
        var query = string.Join('&', ((string[])["namespace", "view", "name", "q", "action", "actor", "from", "to", "as", "cursor"]).Select(key => $"{key}={Uri.EscapeDataString(text)}"));
        var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is [var first, ..] ? first : "GET";
        var request = new HttpRequestMessage(new HttpMethod(method), plausible ? path : $"{path}?{query}");
        if (method is not ("GET" or "DELETE"))
        {
            var body = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type ? ValueOf(type, "", text, plausible, 0) : JsonValue.Create(text);
            request.Content = new StringContent(body?.ToJsonString() ?? "null", Encoding.UTF8, "application/json");
        }

        return request;
    }

    private static JsonNode? ValueOf(Type declared, string name, string text, bool plausible, int depth)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var words = plausible && s_plausible.TryGetValue(name, out var known) ? known : text;
        return type switch
        {
            _ when type == typeof(string) => words.Length == 0 ? null : words,
            _ when type == typeof(bool) => true,
            _ when type.IsEnum => plausible ? Enum.GetNames(type)[0] : text,
            _ when type.IsPrimitive || type == typeof(decimal) => 1,
            _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => null,
            _ when typeof(JsonNode).IsAssignableFrom(type) => new JsonObject { [text] = text },
            _ when depth >= Deepest => null,
            { IsGenericType: true } when typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments() is [var item] => new JsonArray(ValueOf(item, name, text, plausible, depth + 1)),
            { IsGenericType: true } when typeof(IEnumerable).IsAssignableFrom(type) => new JsonObject { [text] = text },
            _ => new JsonObject(type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0)
                .Select(property => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(property.Name), ValueOf(property.PropertyType, property.Name, text, plausible, depth + 1)))),
        };
    }

    private Task<(int Releases, int Revisions, int Audit)> CountsAsync() => fixture.Portal.Services.GetRequiredService<PortalDatabase>().ReadAsync(async context =>
        (await context.Releases.CountAsync(), await context.Revisions.CountAsync(), await context.Audit.CountAsync()));

    [GeneratedRegex(@"\{\**(?<name>\w+)\??(:(?<type>\w+)[^}]*)?\}")]
    private static partial Regex Parameter();
}
