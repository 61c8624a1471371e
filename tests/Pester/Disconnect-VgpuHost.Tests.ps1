BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Describe 'Disconnect-VgpuHost' {
    It 'closes a session for good: its objects do not go to another host' {
        New-TestLab | Out-Null
        $gpu = Get-Gpu | Select-Object -First 1
        Get-VgpuHost | Disconnect-VgpuHost
        $failure = Get-TestError { $gpu | Get-MigProfile }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'says that there is no such session, and goes on' {
        New-TestLab | Out-Null
        $failure = Get-TestError { Disconnect-VgpuHost nowhere, lab }
        $failure.FullyQualifiedErrorId | Should -Be 'SessionNotFound,VgpuPS.Commands.DisconnectVgpuHostCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Get-VgpuHost -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'completes sessions' {
        New-TestLab | Out-Null
        Get-TestCompletion 'Disconnect-VgpuHost l' | Should -Be 'lab'
    }
}
