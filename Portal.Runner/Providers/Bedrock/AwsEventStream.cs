using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>A message of an event stream.</summary>
/// <param name="Kind"><c>event</c>, <c>exception</c> or <c>error</c>.</param>
/// <param name="Type">Which event or exception.</param>
/// <param name="Message">What an error without payload says; else null.</param>
/// <param name="Payload">Its JSON.</param>
internal sealed record AwsEvent(string Kind, string Type, string? Message, JsonNode? Payload);

/// <summary>Reads the binary framing of AWS's streams: https://smithy.io/2.0/aws/amazon-eventstream.html.</summary>
internal static class AwsEventStream
{
    private const int PreludeLength = 12;
    private const int ChecksumLength = 4;
    private const int MaxHeaders = 128 * 1024;
    private const int MaxMessage = 24 * 1024 * 1024;

    /// <exception cref="Engine.GenkitException">The stream is damaged, is another format, or ends within a message.</exception>
    public static async IAsyncEnumerable<AwsEvent> ReadAsync(ProviderAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prelude = new byte[PreludeLength];
        while (true)
        {
            var count = await answer.Body.ReadAtLeastAsync(prelude, PreludeLength, throwOnEndOfStream: false, cancellationToken);
            if (count == 0)
            {
                yield break;
            }

            var message = new byte[count < PreludeLength ? throw answer.Failures.CutOff(inner: null) : LengthOf(prelude, answer.Failures)];
            prelude.CopyTo(message, 0);
            var rest = message.AsMemory(PreludeLength);
            if (await answer.Body.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) < rest.Length)
            {
                throw answer.Failures.CutOff(inner: null);
            }

            yield return Decode(message, answer);
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> prelude, ProviderFailures failures)
    {
        var total = BinaryPrimitives.ReadUInt32BigEndian(prelude);
        var headers = BinaryPrimitives.ReadUInt32BigEndian(prelude[4..]);
        return BinaryPrimitives.ReadUInt32BigEndian(prelude[8..]) == Crc32.Of(prelude[..8])
            && headers <= MaxHeaders && total <= MaxMessage && total >= PreludeLength + headers + ChecksumLength
            ? (int)total
            : throw failures.Garbage("an event stream");
    }

    private static AwsEvent Decode(ReadOnlySpan<byte> message, ProviderAnswer answer)
    {
        var checksum = message.Length - ChecksumLength;
        if (BinaryPrimitives.ReadUInt32BigEndian(message[checksum..]) != Crc32.Of(message[..checksum]))
        {
            throw answer.Failures.Garbage("an event stream");
        }

        var headersEnd = PreludeLength + (int)BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        var headers = HeadersOf(message[PreludeLength..headersEnd], answer.Failures);
        var payload = message[headersEnd..checksum];
        return new AwsEvent(
            headers.GetValueOrDefault(":message-type", "event"),
            headers.GetValueOrDefault(":event-type") ?? headers.GetValueOrDefault(":exception-type") ?? headers.GetValueOrDefault(":error-code", ""),
            headers.GetValueOrDefault(":error-message"),
            payload.IsEmpty ? null : answer.Parse(payload, ProviderAnswer.ParseNode));
    }

    /// <summary>The headers that are texts.</summary>
    private static Dictionary<string, string> HeadersOf(ReadOnlySpan<byte> bytes, ProviderFailures failures)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (!bytes.IsEmpty)
            {
                var nameEnd = 1 + bytes[0];
                var name = Encoding.UTF8.GetString(bytes[1..nameEnd]);
                var kind = bytes[nameEnd];
                var value = bytes[(nameEnd + 1)..];
                var isLong = kind is 6 or 7;
                var length = isLong ? 2 + BinaryPrimitives.ReadUInt16BigEndian(value) : FixedLength(kind, failures);
                if (kind == 7)
                {
                    headers[name] = Encoding.UTF8.GetString(value[2..length]);
                }

                bytes = value[length..];
            }
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw failures.Garbage("an event stream", exception);
        }
        catch (IndexOutOfRangeException exception)
        {
            throw failures.Garbage("an event stream", exception);
        }

        return headers;
    }

    private static int FixedLength(byte kind, ProviderFailures failures) => kind switch
    {
        0 or 1 => 0, // true and false
        2 => 1,
        3 => 2,
        4 => 4,
        5 or 8 => 8, // long and timestamp
        9 => 16,
        _ => throw failures.Garbage("an event stream"),
    };
}
