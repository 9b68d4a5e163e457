using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class FinalizersTests
{
    private readonly FakeServer _server = new();

    private Resource<KubeObject> ConfigMaps => _server.Client.Resource(BuiltIn.ConfigMap);

    [Fact]
    public async Task AddAsync_First_TestsTheVersion()
    {
        var add = Finalizers.AddAsync(ConfigMaps, New("3"), "x/y", default);
        var exchange = await _server.NextAsync();
        exchange.Answer(New("4", "x/y").Json.ToJsonString());
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/resourceVersion","value":"3"},{"op":"add","path":"/metadata/finalizers","value":["x/y"]}]""",
            exchange.Body);
        Assert.Equal(["x/y"], (await add).Finalizers);
    }

    [Fact]
    public async Task AddAsync_BesideOthers_KeepsThem()
    {
        var add = Finalizers.AddAsync(ConfigMaps, New("3", "a/b"), "x/y", default);
        var exchange = await _server.NextAsync();
        exchange.Answer("{}");
        await add;
        Assert.Contains("""{"op":"replace","path":"/metadata/finalizers","value":["a/b","x/y"]}""", exchange.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_ThereAlready_SendsNothing() => Assert.NotNull(await Finalizers.AddAsync(ConfigMaps, New("3", "x/y"), "x/y", default));

    [Fact]
    public async Task AddAsync_SomebodyWasFaster_LooksAgain()
    {
        var add = Finalizers.AddAsync(ConfigMaps, New("3"), "x/y", default);
        (await _server.NextAsync()).Refuse(HttpStatusCode.UnprocessableEntity, "Invalid");
        (await _server.NextAsync()).Answer(New("8", "a/b").Json.ToJsonString());
        var second = await _server.NextAsync();
        second.Answer(New("9", "a/b", "x/y").Json.ToJsonString());
        Assert.Equal(["a/b", "x/y"], (await add).Finalizers);
        Assert.Contains("""["a/b","x/y"]""", second.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_AlwaysRefused_GivesUp()
    {
        var add = Finalizers.AddAsync(ConfigMaps, New("3"), "bad", default);
        for (var i = 0; i < 4; i++)
        {
            (await _server.NextAsync()).Refuse(HttpStatusCode.UnprocessableEntity, "Invalid");
            (await _server.NextAsync()).Answer(New("3").Json.ToJsonString());
        }

        (await _server.NextAsync()).Refuse(HttpStatusCode.UnprocessableEntity, "Invalid", "bad name");
        Assert.Equal("bad name", (await Assert.ThrowsAsync<KubernetesException>(() => add)).Message);
    }

    [Fact]
    public async Task RemoveAsync_Last_RemovesTheList()
    {
        var remove = Finalizers.RemoveAsync(ConfigMaps, New("3", "x/y"), "x/y", default);
        var exchange = await _server.NextAsync();
        exchange.Answer("{}");
        await remove;
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/finalizers","value":["x/y"]},{"op":"remove","path":"/metadata/finalizers"}]""",
            exchange.Body);
    }

    [Fact]
    public async Task RemoveAsync_ObjectGone_ReturnsNull()
    {
        var remove = Finalizers.RemoveAsync(ConfigMaps, New("3", "x/y"), "x/y", default);
        (await _server.NextAsync()).Refuse(HttpStatusCode.NotFound, "NotFound");
        Assert.Null(await remove);
    }

    [Fact]
    public async Task RemoveAsync_MadeAgainUnderTheName_LeavesTheNewOneAlone()
    {
        var remove = Finalizers.RemoveAsync(ConfigMaps, New("3", "x/y"), "x/y", default);
        (await _server.NextAsync()).Refuse(HttpStatusCode.UnprocessableEntity, "Invalid");
        var other = New("9", "x/y");
        other.Metadata["uid"] = "another";
        (await _server.NextAsync()).Answer(other.Json.ToJsonString());
        Assert.Null(await remove);
    }

    private static KubeObject New(string version, params string[] finalizers)
    {
        var metadata = new JsonObject { ["name"] = "a", ["namespace"] = "ns", ["uid"] = "u", ["resourceVersion"] = version };
        if (finalizers.Length > 0)
        {
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(item => JsonValue.Create(item))]);
        }

        return new KubeObject(new JsonObject { ["metadata"] = metadata });
    }
}
