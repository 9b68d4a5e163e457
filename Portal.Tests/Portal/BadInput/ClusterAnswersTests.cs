using System.Net;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases.States;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Portal.Releases;

namespace Portal.Tests.Portal.BadInput;

/// <summary>Everything a cluster may answer to a publish: it is refused with its words, or tried again until it is taken, and never lost.</summary>
public sealed class ClusterAnswersTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDesk _desk = new(fixture);
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "BadRequest", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.Unauthorized, "Unauthorized", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.Forbidden, "Forbidden", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.NotFound, "NotFound", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.Conflict, "Conflict", ReleaseStatus.Publishing)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.UnprocessableEntity, "Invalid", ReleaseStatus.Failed)]
    [InlineData(HttpStatusCode.TooManyRequests, "TooManyRequests", ReleaseStatus.Publishing)]
    [InlineData(HttpStatusCode.InternalServerError, "InternalError", ReleaseStatus.Publishing)]
    [InlineData(HttpStatusCode.BadGateway, "", ReleaseStatus.Publishing)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", ReleaseStatus.Publishing)]
    [InlineData(HttpStatusCode.GatewayTimeout, "Timeout", ReleaseStatus.Publishing)]
    public async Task Publish_ClusterAnswers_IsRefusedOrTriedAgain(HttpStatusCode status, string reason, ReleaseStatus expected)
    {
        var place = await NewAsync();
        _desk.Handler.Reply = request => request.Method == HttpMethod.Patch ? Answer(status, reason) : null;

        var release = (await _desk.SubmitAsync(place, TestDesk.Good, _root)).Release!;
        Assert.Equal(expected, release.Status);
        Assert.Null(await _desk.LiveAsync(place));
        _desk.Handler.Reply = _ => null;

        // It answers as it should again: what was refused waits for a person, what was not answered does not.
        if (expected == ReleaseStatus.Failed)
        {
            Assert.Contains("the words of the cluster", release.Problem, StringComparison.Ordinal);
            await _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Retry(), _root, default);
        }

        await _desk.Publisher.PublishPendingAsync(default);
        Assert.Equal((TestDesk.Good, ReleaseStatus.Published), (await _desk.LiveAsync(place), (await _desk.List.FindAsync(release.Id, _root, default))!.Release.Status));
    }

    [Fact]
    public async Task Publish_AnswerThatIsNoJson_IsTriedAgain()
    {
        var place = await NewAsync();
        _desk.Handler.Reply = request => request.Method == HttpMethod.Patch ? new HttpResponseMessage(HttpStatusCode.BadGateway) { Content = new StringContent("<html>nginx</html>") } : null;

        Assert.Equal(ReleaseStatus.Publishing, (await _desk.SubmitAsync(place, TestDesk.Good, _root)).Release!.Status);
        _desk.Handler.Reply = _ => null;

        await _desk.Publisher.PublishPendingAsync(default);
        Assert.Equal(TestDesk.Good, await _desk.LiveAsync(place));
    }

    private async Task<string> NewAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await fixture.UntilSeenAsync(place);
        return place.Name;
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string reason) => new(status)
    {
        Content = new StringContent(new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["reason"] = reason,
            ["message"] = "the words of the cluster",
            ["code"] = (int)status,
        }.ToJsonString()),
    };
}
