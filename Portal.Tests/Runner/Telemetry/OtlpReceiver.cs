using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Runner.Telemetry;

/// <summary>A collector for OTLP over HTTP with Protobuf.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly Channel<(string Path, byte[] Body)> _received = Channel.CreateUnbounded<(string, byte[])>();
    private readonly WebApplication _app;

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Writer.TryWrite((context.Request.Path, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public async Task<(string Path, byte[] Body)> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _received.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>The messages at a path of field numbers.</summary>
    public static IEnumerable<byte[]> Messages(byte[] message, params int[] path) =>
        path.Length == 0 ? [message] : Fields(message).Where(field => field.Number == path[0]).SelectMany(field => Messages(field.Bytes, path[1..]));

    public static string Text(byte[] message, params int[] path) => Encoding.UTF8.GetString(Messages(message, path).FirstOrDefault() ?? []);

    /// <summary>Key and value of each attribute in a field; integers as decimal texts, arrays as their first text.</summary>
    public static Dictionary<string, string> Attributes(byte[] message, int field) => Messages(message, field)
        .ToDictionary(attribute => Text(attribute, 1), attribute => Value(Messages(attribute, 2).First()));

    private static string Value(byte[] any) => Fields(any).First() switch
    {
        { Number: 1 } text => Encoding.UTF8.GetString(text.Bytes),
        { Number: 5 } array => Value(Messages(array.Bytes, 1).First()),
        var number => number.Integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static IEnumerable<(int Number, byte[] Bytes, ulong Integer)> Fields(byte[] message)
    {
        for (var position = 0; position < message.Length;)
        {
            var tag = Varint(message, ref position);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return (number, [], Varint(message, ref position));
                    break;
                case 1:
                    yield return (number, [], BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(position, 8)));
                    position += 8;
                    break;
                case 5:
                    yield return (number, [], BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(position, 4)));
                    position += 4;
                    break;
                default:
                    var length = (int)Varint(message, ref position);
                    yield return (number, message[position..(position + length)], 0);
                    position += length;
                    break;
            }
        }
    }

    private static ulong Varint(byte[] message, ref int position)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
