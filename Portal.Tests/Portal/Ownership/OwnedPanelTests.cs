using Bunit;
using Portal.Features.Ownership;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Ownership;

public class OwnedPanelTests
{
    [Fact]
    public async Task Panel_GitOpsOwner_OffersTheFileAndThePatch()
    {
        await using var context = UiContext.New();

        var panel = context.Render<OwnedPanel>(parameters => parameters
            .Add(item => item.Owner, new ObjectOwner(OwnerKind.ArgoCd, "shop")).Add(item => item.Kind, "Prompt")
            .Add(item => item.Files, new OwnerFiles("p.prompt.yaml", "the manifest", "the patch")).Add(item => item.DownloadLink, "/file"));

        Assert.Contains("Argo CD: shop owns this prompt", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("the manifest", panel.ByTestId("owned-yaml").TextContent);
        await panel.ByTestId("owned-patch").ClickAsync();
        Assert.Equal("the patch", panel.ByTestId("owned-yaml").TextContent);
        Assert.Equal(("/file?as=patch", "patch-p.prompt.yaml"), (panel.ByTestId("owned-download").GetAttribute("href"), panel.ByTestId("owned-download").GetAttribute("download")));
    }

    [Fact]
    public async Task Panel_OtherController_SaysWhatToChangeInstead()
    {
        await using var context = UiContext.New();

        var panel = context.Render<OwnedPanel>(parameters => parameters
            .Add(item => item.Owner, new ObjectOwner(OwnerKind.Controller, "FlowSet set")).Add(item => item.Kind, "Flow")
            .Add(item => item.Files, new OwnerFiles("", "", "")).Add(item => item.DownloadLink, ""));

        Assert.Contains("Change FlowSet set instead", panel.Markup, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("pre"));
    }
}
