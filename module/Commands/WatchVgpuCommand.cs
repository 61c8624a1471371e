using System.Globalization;
using System.Runtime.CompilerServices;
using VgpuPS.Core.Text;
using VgpuPS.Core.Watch;
using VgpuPS.Live;

namespace VgpuPS.Commands;

/// <summary>
/// Watches GPUs and vGPUs of all connected hosts in the terminal, drawn anew every two seconds: slices, VMs, load,
/// frame buffer, licences. What changed is marked: + for a new vGPU, * for a changed one, - for one that is gone. Keys:
/// q quits, s changes the order, f filters. Into a pipe it writes one text after the other.
/// </summary>
/// <example>
/// <code>Watch-Vgpu -Interval 1 -Count 2</code>
/// <para>Watches all connected hosts for two pictures; without -Count until q or Ctrl+C.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Watch-Vgpu -Count 1 -Filter web | Out-String</code>
/// <para>Writes one picture as text, of one VM.</para>
/// </example>
/// <seealso cref="ShowGpuCommand"/>
/// <seealso cref="GetVgpuCommand"/>
[Cmdlet(VerbsCommon.Watch, "Vgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(string))]
public sealed class WatchVgpuCommand : SessionCommand
{
    private const int PlainWidth = 100;

    private WatchOptions _options = new();
    private bool _isFiltering;
    private long _version;
    private WatchFrame? _frame;

    /// <summary>Seconds between two pictures, from 0.5; 2 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(0.5, 3600)]
    public double Interval { get; set; } = 2;

    /// <summary>Ends after so many pictures; without it Ctrl+C does, or q.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>Order of the vGPUs of a GPU: Vm without it.</summary>
    [Parameter]
    public WatchOrder Order { get; set; }

    /// <summary>Only vGPUs whose VM, type, host, function or licence has this text.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>Whether what is written goes to a terminal.</summary>
    private bool IsConsole => Host.Name == "ConsoleHost" && !Console.IsOutputRedirected
        && MyInvocation.PipelinePosition == MyInvocation.PipelineLength;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var interval = TimeSpan.FromSeconds(Interval);
        _options = new WatchOptions { Order = Order, Filter = Filter ?? "", Interval = interval };
        var isConsole = IsConsole;
        var isTerminal = isConsole && Environment.GetEnvironmentVariable("TERM") != "dumb";
        var hasColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && !OutputIsPlain();
        Run(async (sink, token) =>
        {
            var watch = new FleetWatch(HostSessions.ForReading(Session), interval);
            if (isTerminal)
            {
                await ShowAsync(watch, hasColor, token).ConfigureAwait(false);
            }
            else
            {
                await WatchAsync(watch, frame => Write(sink, frame, isConsole), token).ConfigureAwait(false);
            }
        });
    }

    private bool OutputIsPlain() =>
        SessionState.PSVariable.GetValue("PSStyle") is PSStyle { OutputRendering: OutputRendering.PlainText };

    private void Write(ICommandSink sink, WatchFrame frame, bool isConsole)
    {
        var width = isConsole && Console.WindowWidth > 0 ? Console.WindowWidth : PlainWidth;
        var options = _options with { Width = width, Now = DateTimeOffset.Now };
        foreach (var line in frame.Draw(options))
        {
            sink.WriteObject(line.ToString());
        }

        sink.WriteObject("");
    }

    /// <summary>Makes pictures until the count or the token ends it.</summary>
    private async Task WatchAsync(FleetWatch watch, Action<WatchFrame> show, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await watch.ReadAsync(cancellationToken).ConfigureAwait(false);
            _frame = WatchFrame.Of(watch.Hosts, _frame);
            show(_frame);
            if (number == Count)
            {
                return;
            }

            var rest = TimeSpan.FromSeconds(Interval) - TimeProvider.System.GetElapsedTime(started);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The only place of the module that names VgpuPS.Live, which is loaded by it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task ShowAsync(FleetWatch watch, bool hasColor, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _frame = WatchFrame.Of(watch.Hosts, null);
        var pictures = Task.Run(
            async () =>
            {
                try
                {
                    await WatchAsync(watch, _ => Interlocked.Increment(ref _version), end.Token).ConfigureAwait(false);
                }
                finally
                {
                    await end.CancelAsync().ConfigureAwait(false);
                }
            },
            CancellationToken.None);
        new LiveScreen(hasColor).Run(Draw, () => Interlocked.Read(ref _version), OnKey, end.Token);
        await end.CancelAsync().ConfigureAwait(false);
        try
        {
            await pictures.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // By a key, or the pipeline has ended and knows it.
        }
    }

    private IReadOnlyList<DiagramLine> Draw(int width, int height, bool hasBlocks)
    {
        var options = _options with
        {
            Width = width,
            Height = Math.Max(2, height - 2),
            HasBlocks = hasBlocks,
            Now = DateTimeOffset.Now,
        };
        var keys = _isFiltering ? $"filter: {_options.Filter}_  (Enter keeps it, Esc takes it away)"
            : $"q quit  s order: {Name(_options.Order)}  f filter: "
                + (_options.Filter.Length == 0 ? "none" : _options.Filter);
        return
        [
            .. _frame!.Draw(options),
            DiagramLine.Of(CellText.Cut(keys, width), DiagramStyle.Free),
        ];
    }

    private bool OnKey(ConsoleKeyInfo key)
    {
        Interlocked.Increment(ref _version);
        if (_isFiltering)
        {
            (_options, _isFiltering) = key.Key switch
            {
                ConsoleKey.Enter => (_options, false),
                ConsoleKey.Escape => (_options with { Filter = "" }, false),
                ConsoleKey.Backspace => (
                    _options with { Filter = _options.Filter.Length > 0 ? _options.Filter[..^1] : "" }, true),
                _ => (key.KeyChar is < ' ' or '\u007f' ? _options
                    : _options with { Filter = _options.Filter + key.KeyChar }, true),
            };
            return true;
        }

        switch (key.KeyChar)
        {
            case 'q' or 'Q':
                return false;
            case 's' or 'S':
                var orders = Enum.GetValues<WatchOrder>();
                _options = _options with { Order = orders[((int)_options.Order + 1) % orders.Length] };
                break;
            case 'f' or 'F' or '/':
                _isFiltering = true;
                break;
        }

        return true;
    }

    private static string Name(WatchOrder order) => order.ToString().ToLower(CultureInfo.InvariantCulture);
}
