BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Disable-MigMode' -Wrong @(, @('Disable-MigMode 9', 'DeviceNotFound', 'ObjectNotFound')) -Complete @(
    , @('Disable-MigMode 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Disable-MigMode' -High -Prepare 'Enable-MigMode 0 -Reset' -Line 'Disable-MigMode 0 -Reset' -Once `
    -Plan 'switch MIG mode off'

Describe 'Disable-MigMode' {
    It 'refuses while instances are there, and with -Force takes them along' {
        New-TestLab H100-PCIe | Out-Null
        Enable-MigMode 0
        New-MigInstance 0 -Profile 1g.10gb -Count 2
        $failure = Get-TestError { Disable-MigMode 0 -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -BeLike 'WouldDestroy,*'
        $failure.ErrorDetails.Message | Should -Match '1g\.10gb'
        (Get-Gpu 0).MigCurrent | Should -BeTrue
        Disable-MigMode 0 -Force -Confirm:$false
        (Get-Gpu 0).MigCurrent | Should -BeFalse
    }

    It 'takes GPUs from the pipeline back to their own host' {
        New-TestLab H100-PCIe | Out-Null
        Connect-VgpuHost -Lab H100-PCIe -Name other | Out-Null
        Get-Gpu | Enable-MigMode
        Get-Gpu -Session other | Disable-MigMode -Confirm:$false
        (Get-Gpu | Sort-Object VgpuHost).MigCurrent | Should -Be @($true, $false)
    }
}
