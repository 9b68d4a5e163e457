using System.Net;
using static Portal.Tests.ApiServer.Protobuf.WireBytes;

namespace Portal.Tests.ApiServer.Protobuf;

/// <summary>Protobuf bodies sent to the server.</summary>
public sealed class ProtobufRequestTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await TestApi.StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    private async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, byte[] body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/vnd.kubernetes.protobuf");
        using var response = await _api.Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static byte[] ConfigMap(string name, string value) =>
        Body("v1", "ConfigMap", Message(1, Text(1, name)), Message(2, Text(1, "k"), Text(2, value)));

    [Fact]
    public async Task CreateReplaceDelete_InProtobuf_DoWhatTheySay()
    {
        var path = $"{TestApi.ConfigMaps}/a";
        var (created, _) = await SendAsync(HttpMethod.Post, TestApi.ConfigMaps, ConfigMap("a", "one"));
        var (replaced, body) = await SendAsync(HttpMethod.Put, path, ConfigMap("a", "two"));
        var (conflict, refused) = await SendAsync(HttpMethod.Delete, path, Body("apps/v1", "DeleteOptions", Message(2, Text(1, "another"))));
        var (deleted, _) = await SendAsync(HttpMethod.Delete, path, Body("v1", "DeleteOptions", Text(4, "Background")));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.OK), (created, replaced, conflict, deleted));
        Assert.Equal("two", body["data"]!["k"]!.ToString());
        Assert.Contains("UID in the precondition (another)", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfAnotherKindThanThePath_Is400()
    {
        var (status, body) = await SendAsync(HttpMethod.Post, TestApi.ConfigMaps, Body("v1", "Secret", Message(1, Text(1, "a"))));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("cannot be handled as a ConfigMap", body["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfACustomResource_Is415()
    {
        var (status, _) = await SendAsync(HttpMethod.Post, TestApi.Things, Body("test.example.org/v1", "Thing"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
    }

    [Fact]
    public async Task Create_OfTooMuch_Is413()
    {
        var (status, _) = await SendAsync(HttpMethod.Post, TestApi.ConfigMaps, ConfigMap("big", new string('a', 4 << 20)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
    }
}
