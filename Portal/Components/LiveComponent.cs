using System.Data.Common;
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
    private readonly List<LiveQuery> _queries = [];
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

    public override Task SetParametersAsync(ParameterView parameters)
    {
        var wasPaused = IsPaused;
        var set = base.SetParametersAsync(parameters);
        if (wasPaused)
        {
            GoOn();
        }

        return set;
    }

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

    /// <summary>
    /// Makes what reads the component's data from the database again, and renders it, when it is asked to from any thread: the one way for that, as changes may
    /// come by the thousand. It ends with the component; what is asked while the reader has paused the updates is read when they go on.
    /// </summary>
    /// <param name="read">Reads into the component's fields. What it throws is an error of the page, but for a database that does not answer, which is asked again.</param>
    /// <param name="rest">Time between two readings, where <see cref="LiveQuery.Rest"/> is too short.</param>
    protected LiveQuery KeepCurrent(Func<Task> read, TimeSpan? rest = null)
    {
        var query = new LiveQuery(() => InvokeAsync(() => ReadAsync(read)), Clock, rest);
        _queries.Add(query);
        Keep(query);
        return query;
    }

    /// <summary>Does <paramref name="end"/> with the component: <c>store.Changed -= OnChanged</c>.</summary>
    protected void Keep(Action end) => Keep(new Ending(end));

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
        GoOn();
    }

    /// <summary>Asks for a render soon, from any thread; does nothing while the reader has paused the updates.</summary>
    protected void RequestRender()
    {
        if (!IsDisposed && !IsPaused)
        {
            LazyInitializer.EnsureInitialized(ref _throttle, () => new RenderThrottle(() => InvokeAsync(StateHasChanged), Clock)).Request();
        }
    }

    private void GoOn()
    {
        if (!IsPaused)
        {
            _queries.ForEach(static query => query.Request());
        }
    }

    private async Task ReadAsync(Func<Task> read)
    {
        if (IsDisposed || IsPaused)
        {
            return;
        }

        try
        {
            await read();
            StateHasChanged();
        }
        catch (Exception exception) when (exception is not DbException)
        {
            if (!IsDisposed)
            {
                await DispatchExceptionAsync(exception);
            }
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

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
