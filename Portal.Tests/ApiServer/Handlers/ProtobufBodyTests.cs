using Portal.ApiServer.Handlers;
using Portal.ApiServer.Handlers.Protobuf;

namespace Portal.Tests.ApiServer.Handlers;

public class ProtobufBodyTests
{
    private static readonly string[] s_scalars = ["string", "bytes", "int", "bool", "time", "intOrString", "quantity"];

    [Fact]
    public void Parse_OfAConfigMap_GivesItsJson()
    {
        var body = ProtobufBody.Parse(Envelope(ConfigMap()), "ConfigMap");

        Assert.Equal("""{"metadata":{"name":"a"},"data":{"k":"v"},"kind":"ConfigMap","apiVersion":"v1"}""", body.Node!.ToJsonString());
    }

    [Fact]
    public void Parse_OfAnUnknownField_RefusesRatherThanLoseIt()
    {
        var refused = Assert.Throws<ApiException>(() => ProtobufBody.Parse(Envelope([.. ConfigMap(), 0x7A, 1, 1]), "ConfigMap"));

        Assert.Equal(415, refused.Code);
        Assert.Contains("--dry-run=client", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfEveryPrefix_IsRefusedOrReadButNeverThrowsElse()
    {
        var whole = Envelope(ConfigMap());
        for (var length = 0; length < whole.Length; length++)
        {
            var failure = Record.Exception(() => ProtobufBody.Parse(whole[..length], "ConfigMap"));

            Assert.True(failure is null or ApiException, $"{length} bytes: {failure}");
        }
    }

    [Fact]
    public void Types_Always_KnowWhatTheyReferTo()
    {
        Assert.All(ProtobufTypes.Referenced.Except(s_scalars), type => Assert.True(ProtobufTypes.Has(type), type));
    }

    // ConfigMap { metadata = 1 { name = 1: "a" }, data = 2 { key = 1: "k", value = 2: "v" } }
    private static byte[] ConfigMap() => [0x0A, 3, 0x0A, 1, (byte)'a', 0x12, 6, 0x0A, 1, (byte)'k', 0x12, 1, (byte)'v'];

    private static byte[] Envelope(byte[] raw) =>
        [.. "k8s\0"u8, 0x0A, 15, 0x0A, 2, .. "v1"u8, 0x12, 9, .. "ConfigMap"u8, 0x12, (byte)raw.Length, .. raw];
}
