using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Runner.Aws;

/// <summary>Signs requests, version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.</summary>
internal static class AwsSignature
{
    private const string S3 = "s3";
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds date, session token and signature. Host, content type and all <c>x-amz-</c> headers are signed.</summary>
    /// <param name="message">A request with an absolute address.</param>
    /// <param name="body">Its body.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="region">Such as <c>us-east-1</c>.</param>
    /// <param name="service">Such as <c>bedrock</c>; <c>s3</c> has rules of its own.</param>
    /// <param name="now">The time of the signature; AWS takes it for five minutes.</param>
    public static void Sign(HttpRequestMessage message, ReadOnlySpan<byte> body, AwsKeys keys, string region, string service, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        message.Headers.TryAddWithoutValidation("X-Amz-Date", time);
        if (keys.SessionToken is { } token)
        {
            message.Headers.TryAddWithoutValidation("X-Amz-Security-Token", token);
        }

        if (service == S3)
        {
            message.Headers.TryAddWithoutValidation("X-Amz-Content-SHA256", Hex(SHA256.HashData(body)));
        }

        var headers = HeadersOf(message);
        var names = string.Join(';', headers.Keys);
        var canonical = string.Join('\n',
            message.Method.Method, service == S3 ? message.RequestUri!.AbsolutePath : PathOf(message.RequestUri!), QueryOf(message.RequestUri!),
            string.Concat(headers.Select(static header => $"{header.Key}:{header.Value}\n")), names, Hex(SHA256.HashData(body)));
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var signed = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Hex(Hmac(SigningKey(keys.SecretKey, time[..8], region, service), signed));
        message.Headers.Authorization = new AuthenticationHeaderValue(Algorithm, $"Credential={keys.AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
    }

    private static byte[] SigningKey(string secret, string date, string region, string service) =>
        Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), date), region), service), "aws4_request");

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static SortedDictionary<string, string> HeadersOf(HttpRequestMessage message)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = message.Headers.Host ?? message.RequestUri!.Authority,
        };
        if (message.Content?.Headers.ContentType is { } type)
        {
            headers["content-type"] = type.ToString();
        }

        foreach (var (name, values) in message.Headers.NonValidated)
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            {
                headers[name.ToLowerInvariant()] = string.Join(',', values).Trim();
            }
        }

        return headers;
    }

    /// <summary>The path as it is sent, each segment escaped once more: every service but S3 wants it so.</summary>
    private static string PathOf(Uri address) => string.Join('/', address.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string QueryOf(Uri address) => string.Join('&', address.Query.TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .Select(static pair => (Name: Escaped(pair[0]), Value: Escaped(pair.ElementAtOrDefault(1) ?? "")))
        .OrderBy(static pair => pair.Name, StringComparer.Ordinal).ThenBy(static pair => pair.Value, StringComparer.Ordinal)
        .Select(static pair => $"{pair.Name}={pair.Value}"));

    private static string Escaped(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));
}
