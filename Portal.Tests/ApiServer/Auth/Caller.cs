using System.Net;
using System.Text;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>Somebody who is not the administrator: requests with headers that say who.</summary>
internal sealed class Caller(TestApi api, params (string Name, string Value)[] headers)
{
    public static Caller User(TestApi api, string name, params string[] groups) =>
        new(api, [("Impersonate-User", name), .. groups.Select(group => ("Impersonate-Group", group))]);

    public static Caller Token(TestApi api, string token) => new(api, ("Authorization", $"Bearer {token}"));

    public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var response = await api.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["text"] = text });
    }

    public async Task<HttpStatusCode> StatusAsync(string method, string path, JsonNode? body = null, string contentType = "application/json") =>
        (await SendAsync(method, path, body, contentType)).Status;

    /// <summary>The message of a refusal.</summary>
    public async Task<string> RefusedAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        var (status, answer) = await SendAsync(method, path, body, contentType);
        Assert.True(status == HttpStatusCode.Forbidden, $"{method} {path}: expected 403, got {status}: {answer}");
        Assert.Equal("Forbidden", (string?)answer["reason"]);
        return (string)answer["message"]!;
    }
}
