using System.Net.Http.Headers;
using System.Text;
using Portal.Runner.Aws;

namespace Portal.Tests.Runner;

/// <summary>Requests and signatures of AWS's published test suite for version 4.</summary>
public class AwsSignatureTests
{
    private const string ExampleToken =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    [Theory]
    [InlineData("GET", "/", null, null, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")] // get-vanilla
    [InlineData("GET", "/?Param2=value2&Param1=value1", null, null, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")] // get-vanilla-query-order-key-case
    [InlineData("POST", "/", null, null, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")] // post-vanilla
    [InlineData("POST", "/", "application/x-www-form-urlencoded", null, "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")] // post-x-www-form-urlencoded
    [InlineData("POST", "/", null, ExampleToken, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")] // post-sts-header-before
    public void Sign_PublishedRequest_HasThePublishedSignature(string method, string path, string? contentType, string? token, string expected)
    {
        var body = contentType is null ? [] : Encoding.UTF8.GetBytes("Param1=value1");
        using var message = new HttpRequestMessage(new HttpMethod(method), "https://example.amazonaws.com" + path);
        if (contentType is not null)
        {
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        }

        var keys = new AwsKeys { AccessKey = "AKIDEXAMPLE", SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken = token };
        AwsSignature.Sign(message, body, keys, "us-east-1", "service", new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));

        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=", message.Headers.Authorization!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"Signature={expected}", message.Headers.Authorization!.ToString(), StringComparison.Ordinal);
    }
}
