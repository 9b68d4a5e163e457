using Microsoft.AspNetCore.Components;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Components;

/// <summary>
/// A component that renders again when watched objects change, at most ten times a second. It pulls its data while it renders.
/// </summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private static readonly TimeSpan s_ageInterval = TimeSpan.FromSeconds(5);

    private readonly List<IDisposable> _subscriptions = [];
    private RenderThrottle? _throttle;

    /// <summary>Whether the component has gone: what it awaited may go on after that.</summary>
    protected bool IsDisposed { get; private set; }

    /// <summary>When the reader stopped the updates; null while they go on. What they do themselves is shown all the same.</summary>
    protected DateTimeOffset? PausedAt { get; private set; }

    /// <summary>When the reader stopped the updates of the page this is a part of; null while they go on, and on pages that cannot be stopped.</summary>
    [CascadingParameter(Name = nameof(PagePausedAt))]
    public DateTimeOffset? PagePausedAt { get; set; }

    /// <summary>Whether what is shown stays as it is.</summary>
    protected bool IsPaused => PausedAt is not null || PagePausedAt is not null;

    [Inject]
    protected TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>
    /// Renders when an object of <paramref name="informer"/> changes that <paramref name="concerns"/> this component; all of them when
    /// null.
    /// </summary>
    protected void Watch<T>(Informer<T> informer, Func<T, bool>? concerns = null) where T : KubeObject
    {
        // A prerendered component is never updated, and nothing would end its subscription in time.
        if (RendererInfo.IsInteractive)
        {
            Keep(informer.Subscribe(change =>
            {
                if (concerns is null || concerns(change.Object))
                {
                    RequestRender();
                }
            }));
        }
    }

    /// <summary>Renders every few seconds, for what is said relative to now.</summary>
    protected void KeepAgesCurrent()
    {
        if (RendererInfo.IsInteractive)
        {
            Keep(Clock.CreateTimer(_ => RequestRender(), null, s_ageInterval, s_ageInterval));
        }
    }

    /// <summary>Ends <paramref name="subscription"/> with the component; at once when the component has gone already.</summary>
    protected void Keep(IDisposable subscription)
    {
        if (IsDisposed)
        {
            subscription.Dispose();
        }
        else
        {
            _subscriptions.Add(subscription);
        }
    }

    /// <summary>Stops the updates, or lets them go on.</summary>
    protected void TogglePause()
    {
        PausedAt = PausedAt is null ? Clock.GetUtcNow() : null;
        StateHasChanged();
    }

    /// <summary>Asks for a render soon, from any thread; does nothing while the reader has paused the updates.</summary>
    protected void RequestRender()
    {
        if (!IsDisposed && !IsPaused)
        {
            LazyInitializer.EnsureInitialized(ref _throttle, () => new RenderThrottle(() => InvokeAsync(StateHasChanged), Clock)).Request();
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        IsDisposed = true;
        _subscriptions.ForEach(subscription => subscription.Dispose());
        _throttle?.Dispose();
    }
}
