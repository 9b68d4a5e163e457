using Bunit;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Portal.Components;

namespace Portal.Tests.Portal.Components;

public class LiveComponentTests
{
    [Fact]
    public async Task Keep_AfterTheComponentWentWhileItWaited_EndsTheSubscriptionAtOnce()
    {
        await using var context = UiContext.New();
        var component = context.Render<SlowComponent>().Instance;

        await context.DisposeComponentsAsync();
        Assert.False(component.Subscription.IsEnded);
        component.Answer.SetResult();

        await component.Initialized.Task.WaitAsync(RunningPortal.Patience);
        Assert.True(component.Subscription.IsEnded);
    }

    [Fact]
    public async Task KeepCurrent_WhilePaused_ReadsWhenTheReaderGoesOn()
    {
        await using var context = UiContext.New();
        var component = context.Render<CountingComponent>();
        await component.InvokeAsync(component.Instance.Toggle);
        component.Instance.News.Request();
        await component.InvokeAsync(static () => { });
        Assert.Equal(0, component.Instance.Reads);

        await component.InvokeAsync(component.Instance.Toggle);

        component.WaitForAssertion(() => Assert.Contains("read 1", component.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeepCurrent_ReadFails_IsAnErrorOfThePage()
    {
        await using var context = UiContext.New();
        var boundary = context.Render<ErrorBoundary>(parameters => parameters.AddChildContent<CountingComponent>().Add(item => item.ErrorContent, exception => $"<b>{exception.Message}</b>"));
        var component = boundary.FindComponent<CountingComponent>().Instance;
        component.Failure = new FormatException("not so");

        component.News.Request();

        boundary.WaitForAssertion(() => Assert.Contains("not so", boundary.Markup, StringComparison.Ordinal));
    }

    private sealed class CountingComponent : LiveComponent
    {
        public LiveQuery News { get; private set; } = null!;
        public int Reads { get; private set; }
        public Exception? Failure { get; set; }

        public void Toggle() => TogglePause();

        protected override void OnInitialized() => News = KeepCurrent(() =>
        {
            Reads++;
            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        });

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, $"read {Reads}");
    }

    private sealed class SlowComponent : LiveComponent
    {
        public TaskCompletionSource Answer { get; } = new();
        public TaskCompletionSource Initialized { get; } = new();
        public EndedFlag Subscription { get; } = new();

        protected override async Task OnInitializedAsync()
        {
            await Answer.Task;
            Keep(Subscription);
            Initialized.SetResult();
        }
    }

    private sealed class EndedFlag : IDisposable
    {
        public bool IsEnded { get; private set; }

        public void Dispose() => IsEnded = true;
    }
}
