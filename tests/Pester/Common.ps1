# Dot-sourced by each file's BeforeAll: imports the built module and gives a fresh simulated host.
$ErrorActionPreference = 'Stop'
$env:NO_COLOR = '1'
$PSStyle.OutputRendering = 'PlainText'
$TestModule = Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1'
Import-Module $TestModule

# A new host and no other session.
function New-TestLab {
    param([string[]] $Model = @('A30', 'A30'), [hashtable] $Option = @{})
    Disconnect-All
    Connect-VgpuHost -Lab $Model @Option
}

function Disconnect-All {
    Get-VgpuHost -ErrorAction Ignore | Where-Object Kind -NE 'local' | Disconnect-VgpuHost
}

# All that can be seen of the hosts, as text: equal texts mean that nothing has changed.
function Get-TestState {
    foreach ($reader in 'Get-Gpu', 'Get-SriovFunction', 'Get-MigInstance', 'Get-MigComputeInstance', 'Get-Vgpu',
        'Get-VgpuScheduler', 'Get-VmVgpu', 'Get-VgpuHook', 'Get-GridLicense', 'Get-VmVgpuDriver') {
        & $reader | ConvertTo-Json -Depth 6
    }

    try { Compare-VgpuLayout -ErrorAction Stop | ConvertTo-Json -Depth 6 } catch { $_.FullyQualifiedErrorId }
}

# The error record that a script writes or throws; null where it does neither.
function Get-TestError {
    param([scriptblock] $Script)
    $ErrorActionPreference = 'Continue'
    $written = @()
    try {
        & $Script 2>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.ErrorRecord]) { $written += $_ }
        }
    }
    catch {
        $written += $_
    }

    $written | Select-Object -First 1
}

# Completers are quiet where a host does not answer within a second, as may be on a busy machine: then once more.
function Get-TestCompletion {
    param([string] $Line)
    for ($try = 1; $try -le 5; $try++) {
        $words = (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText
        if ($words) {
            return $words
        }
    }
}

# What a script prints in a process of its own, where -WhatIf writes to standard output.
function Invoke-TestProcess {
    param([string] $Script)
    $common = Join-Path $PSScriptRoot 'Common.ps1'
    $text = ". '$common'`n`$ErrorActionPreference = 'Continue'`n$Script"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    & (Join-Path $PSHOME pwsh) -NoProfile -NonInteractive -EncodedCommand $encoded 2>&1 | ForEach-Object ToString
}

# What lines print that are typed into a process of its own; answers to questions are lines like the others.
function Invoke-TestSession {
    param([string[]] $Line)
    $common = Join-Path $PSScriptRoot 'Common.ps1'
    $typed = @(". '$common'", '$ErrorActionPreference = "Continue"') + $Line
    $typed | & (Join-Path $PSHOME pwsh) -NoProfile -Command - 2>&1 | ForEach-Object {
        $_.ToString() -replace "`e\[[?0-9;]*[a-zA-Z]", ''
    }
}
