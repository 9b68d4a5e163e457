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
