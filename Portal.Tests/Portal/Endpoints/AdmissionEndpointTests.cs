using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.Endpoints.Admission;
using Portal.Operator.Admission;

namespace Portal.Tests.Portal.Endpoints;

public class AdmissionEndpointTests
{
    [Theory]
    [InlineData("GET", "/admission/validate", "", 405)]
    [InlineData("POST", "/api/v1/usage", "{}", 404)]
    [InlineData("POST", "/admission/validate/", "{}", 404)]
    [InlineData("POST", "/admission/validate", "", 400)]
    [InlineData("POST", "/admission/validate", "[]", 400)]
    [InlineData("POST", "/admission/validate", "{\"kind\":", 400)]
    [InlineData("POST", "/admission/mutate", "{\"kind\":\"AdmissionReview\"}", 400)]
    [InlineData("POST", "/admission/mutate", "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"a\"}}", 200)]
    public async Task Handle_AnyRequest_HasItsStatusAndNoStackTrace(string method, string path, string body, int expected)
    {
        var (status, text) = await SendAsync(method, path, body);

        Assert.Equal(expected, status);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    /// <summary>Specs with raw JSON may be deep; what nobody could read back is refused and not a failure.</summary>
    [Theory]
    [InlineData(90, "\"allowed\":true")]
    [InlineData(400, "nested deeper than 100 levels")]
    public async Task Handle_ADeepObject_HasAVerdict(int depth, string expected)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

        var (status, text) = await SendAsync("POST", "/admission/validate", $$$"""
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","operation":"CREATE","kind":{"group":"genkit.dev","kind":"Model"},
             "object":{"metadata":{"name":"m"},"spec":{"provider":"a","model":"b","pluginConfigRef":{"name":"c"},"info":{{{deep}}} } } } }
            """);

        Assert.Equal(200, status);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Text)> SendAsync(string method, string path, string body)
    {
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext
        {
            Request = { Method = method, Path = path, Body = new MemoryStream(Encoding.UTF8.GetBytes(body)) },
            Response = { Body = answer },
        };
        await new AdmissionEndpoint(new AdmissionChain(new AdmissionOptions(), static () => null, AdmissionRules.All)).HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }
}
